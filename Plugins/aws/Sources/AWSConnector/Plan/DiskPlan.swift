import ConnectorKit
import ConnectorProtocol
import Foundation

/// The volumes of a machine.
struct DiskPlan: Sendable {
  var request: PlanPreflight
  var settings: Settings

  func disks(_ findings: inout Findings) -> [MachinePlan.Disk] {
    guard findings.checkIndices(of: request.disks) else { return [] }
    guard request.disks.filter(\.boot).count == 1 else {
      findings.block(
        "disk.boot", "A machine starts from exactly one disk; \(request.disks.filter(\.boot).count) are marked so.",
        at: "/disks", action: "Mark the disk with the boot loader, and no other.")
      return []
    }
    if request.disks.count > MachineLimits.disks {
      findings.block(
        "disk.many", "The machine has \(request.disks.count) disks; \(MachineLimits.disks) are possible.", at: "/disks",
        action: "Leave some disks out, or join them in the guest.")
    }
    var place = 0
    var planned: [MachinePlan.Disk] = []
    for (number, disk) in request.disks.enumerated().sorted(by: { $0.element.index < $1.element.index }) {
      guard let planned1 = plan(disk, at: "/disks/\(number)", place, &findings) else { continue }
      planned.append(planned1)
      if !disk.boot { place += 1 }
    }
    return planned
  }

  private func plan(
    _ disk: PlanPreflight.PlannedDisk, at: String, _ place: Int, _ findings: inout Findings
  ) -> MachinePlan.Disk? {
    guard disk.format == "raw", disk.access == "nbd" else {
      findings.block(
        "disk.form", "Disk \(disk.index) cannot come as \(disk.format) by \(disk.access).", at: at,
        action: "Use one of the forms of the capability document.")
      return nil
    }
    guard disk.sizeBytes > 0, disk.sizeBytes <= MachineLimits.diskBytes else {
      findings.block(
        "disk.tooLarge",
        "Disk \(disk.index) has \(ByteSize.text(disk.sizeBytes)); a volume has at most \(ByteSize.text(MachineLimits.diskBytes)).",
        at: at, action: "Leave this disk out, or divide it in the guest before the backup.")
      return nil
    }
    if settings.delivery == .import, disk.sizeBytes > MachineLimits.importBytes {
      findings.block(
        "disk.importTooLarge",
        "Disk \(disk.index) has \(ByteSize.text(disk.sizeBytes)); VM Import takes at most \(ByteSize.text(MachineLimits.importBytes)) in one image.",
        at: at, action: "Use a target with the delivery `ebs`, or leave this disk out.")
      return nil
    }
    if disk.boot, disk.sizeBytes > MachineLimits.mbrBytes, !checkTable(disk, at, &findings) { return nil }
    let step = MachineLimits.diskStep
    var gibibytes = (disk.sizeBytes + step - 1) / step
    let chosen = request.mapping.disks?[String(disk.index)]
    guard let type = type(disk, chosen, &findings) else { return nil }
    if gibibytes < type.sizes.lowerBound {
      gibibytes = type.sizes.lowerBound
    } else if gibibytes > type.sizes.upperBound {
      findings.block(
        "disk.typeSize",
        "Disk \(disk.index) has \(gibibytes) GiB; a \(type.rawValue) volume has at most \(type.sizes.upperBound).",
        at: at, action: "Choose gp3 or io2, which go to 64 TiB.")
      return nil
    }
    if gibibytes * step != disk.sizeBytes {
      findings.adjust(
        "\(at)/sizeBytes", from: String(disk.sizeBytes), to: String(gibibytes * step),
        why: gibibytes == type.sizes.lowerBound && gibibytes > 1
          ? "A \(type.rawValue) volume has at least \(gibibytes) GiB." : "A volume has whole GiB: zeros follow.")
    }
    let performance = performance(disk, type, gibibytes, chosen?.options ?? [:], at, &findings)
    return MachinePlan.Disk(
      index: disk.index, sizeBytes: disk.sizeBytes, gibibytes: gibibytes, allocatedBytes: disk.allocatedBytes,
      boot: disk.boot, device: disk.boot ? DeviceName.root : DeviceName.data(place), type: type,
      iops: performance.iops, throughput: performance.throughput, source: source(disk.index),
      tags: chosen?.tags ?? [:])
  }

  /// An MBR reaches 2 TiB: what lies beyond is lost to a machine that starts by it.
  private func checkTable(
    _ disk: PlanPreflight.PlannedDisk, _ at: String, _ findings: inout Findings
  ) -> Bool {
    let size = ByteSize.text(disk.sizeBytes)
    if request.guest?.partitionTable == "mbr" {
      findings.block(
        "disk.mbr", "Disk \(disk.index) has \(size) and an MBR, which reaches 2 TiB: EC2 does not start from it.",
        at: at, action: "Convert the disk to GPT, or make it smaller, before the backup.")
      return false
    }
    if request.guest?.partitionTable == nil, request.hardware.firmware == .bios {
      findings.warn(
        "disk.mbr", "Disk \(disk.index) has \(size): with an MBR, EC2 would not start from it.", at: at,
        action: "Make sure that it is divided by GPT.")
    }
    return true
  }

  private func type(
    _ disk: PlanPreflight.PlannedDisk, _ chosen: DiskMapping?, _ findings: inout Findings
  ) -> VolumeType? {
    let wish =
      chosen?.type ?? chosen?.storage ?? request.mapping.storage[String(disk.index)] ?? request.mapping.storage["*"]
      ?? request.options["volumeType"]?.stringValue
    let mapped = wish.flatMap { $0.isEmpty ? nil : $0 }
    guard let type = mapped.map({ VolumeType(rawValue: $0) }) ?? settings.volumeType else {
      findings.block(
        "mapping.storage", "There is no volume type '\(mapped ?? "")'.", at: "/mapping/storage",
        action: "Choose one of \(VolumeType.allCases.map(\.rawValue).joined(separator: ", ")).")
      return nil
    }
    guard disk.boot, !type.isBootable else { return type }
    findings.adjust(
      "/mapping/storage", from: type.rawValue, to: VolumeType.gp3.rawValue,
      why: "A machine does not start from a \(type.rawValue) volume.")
    return .gp3
  }

  private func performance(
    _ disk: PlanPreflight.PlannedDisk, _ type: VolumeType, _ gibibytes: Int64, _ options: [String: JSONValue],
    _ at: String, _ findings: inout Findings
  ) -> (iops: Int64?, throughput: Int64?) {
    var iops = options["iops"]?.integerValue ?? request.options["iops"]?.integerValue
    var throughput = options["throughput"]?.integerValue ?? request.options["throughput"]?.integerValue
    if let wish = iops {
      let most = min(type.iops?.upperBound ?? 0, max(type.iopsPerGiB * gibibytes, type == .gp3 ? 3000 : 100))
      iops = type.iops.map { min(max(wish, $0.lowerBound), max(most, $0.lowerBound)) }
      if iops != wish {
        findings.adjust(
          "\(at)/iops", from: String(wish), to: iops.map(String.init) ?? "none",
          why: type.iops == nil
            ? "A \(type.rawValue) volume has no IOPS to choose."
            : "A \(type.rawValue) volume of \(gibibytes) GiB has at most \(most) IOPS.")
      }
    } else if type.needsIOPS {
      iops = min(3000, max(100, type.iopsPerGiB * gibibytes))
      findings.note("disk.iops", "Disk \(disk.index) gets \(iops ?? 0) IOPS: \(type.rawValue) has no default.", at: at)
    }
    if let wish = throughput {
      let most = min(type.throughput?.upperBound ?? 0, max(125, (iops ?? 3000) / 4))
      throughput = type.throughput.map { min(max(wish, $0.lowerBound), most) }
      if throughput != wish {
        findings.adjust(
          "\(at)/throughput", from: String(wish), to: throughput.map(String.init) ?? "none",
          why: type.throughput == nil
            ? "A \(type.rawValue) volume has no throughput to choose."
            : "A gp3 volume has 125 to 2000 MiB a second, and a quarter of its IOPS at most.")
      }
    }
    return (iops, throughput)
  }

  /// Names the disk over all restores of the machine: by what identifies the machine to its source platform.
  private func source(_ index: Int) -> String {
    let identity = request.machine.identity
    let machine =
      identity.uuid?.lowercased()
      ?? identity.source.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    let parts = (machine.isEmpty ? "name=\(request.machine.name)" : machine) + "\u{0}\(index)"
    return SHA256.hex(SHA256.hash(.init(parts.utf8))).prefix(32).description
  }
}
