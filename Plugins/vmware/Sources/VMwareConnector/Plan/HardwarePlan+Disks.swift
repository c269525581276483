import ConnectorKit
import ConnectorProtocol

extension HardwarePlan {
  /// The disks, each with its place on a controller.
  ///
  /// - Parameter datastore: What a disk's wish, or its absence, comes to.
  func disks(
    _ findings: inout Findings, datastore: (_ wish: String?, _ at: String, inout Findings) -> String?
  ) -> [MachinePlan.Disk] {
    guard findings.checkIndices(of: request.disks) else { return [] }
    if request.disks.isEmpty { findings.block("disk.none", "A machine needs a disk.", at: "/disks") }
    var places = ControllerPlaces()
    var planned: [MachinePlan.Disk] = []
    for (place, disk) in request.disks.enumerated().sorted(by: { $0.element.index < $1.element.index }) {
      guard let controller: DiskController = findings.controller(ofDisk: disk.index, request.hardware),
        let size = size(disk, at: "/disks/\(place)", &findings)
      else { continue }
      guard let (bus, unit) = places.next(controller) else {
        findings.block(
          "controller.full", "A machine has no room for so many disks on \(controller.rawValue) controllers.",
          at: "/hardware/controllers", action: "Put some of the disks on another controller.")
        continue
      }
      let chosen = request.mapping.disks?[String(disk.index)]
      let wish =
        chosen?.storage ?? request.mapping.storage[String(disk.index)] ?? request.mapping.storage["*"]
      planned.append(
        MachinePlan.Disk(
          index: disk.index, sizeBytes: size, allocatedBytes: disk.allocatedBytes, controller: controller, bus: bus,
          unit: unit, boot: disk.boot, datastore: datastore(wish, "/mapping/storage", &findings),
          provisioning: provisioning(chosen?.type, &findings)))
    }
    return planned
  }

  /// The size in the server's steps; nil where the disk cannot be taken.
  private func size(
    _ disk: PlanPreflight.PlannedDisk, at: String, _ findings: inout Findings
  ) -> Int64? {
    // By NBD the bytes are the same whatever the form: it says what is made of them, which the delivery decides.
    let forms = [Settings.Delivery.lease, .datastore].map { Capabilities.disks($0).accepts[0] }
    guard findings.checkForm(of: disk, at: at, in: forms) else { return nil }
    guard disk.sizeBytes > 0, disk.sizeBytes <= MachineLimits.diskBytes else {
      findings.block(
        "disk.size",
        "Disk \(disk.index) has \(disk.sizeBytes) bytes; the largest possible has \(ByteSize.text(MachineLimits.diskBytes)).",
        at: at, action: "Leave this disk out, or choose another platform for the machine.")
      return nil
    }
    let step = MachineLimits.diskStep
    let size = max((disk.sizeBytes + step - 1) / step * step, MachineLimits.leastDisk)
    if size != disk.sizeBytes {
      findings.adjust(
        "\(at)/sizeBytes", from: String(disk.sizeBytes), to: String(size),
        why: "vSphere counts disks in KiB: zeros are added at the end.")
    }
    return size
  }

  private func provisioning(_ type: String?, _ findings: inout Findings) -> Settings.Provisioning {
    guard let wish = type ?? request.options["diskProvisioning"]?.stringValue, !wish.isEmpty else {
      return settings.provisioning
    }
    if let known = Settings.Provisioning(rawValue: wish) { return known }
    findings.block(
      "mapping.disk", "There is no disk type '\(wish)'.", at: "/mapping/disks",
      action: "Choose one of \(Settings.Provisioning.allCases.map(\.rawValue).joined(separator: ", ")).")
    return settings.provisioning
  }
}
