import ConnectorKit
import ConnectorProtocol

/// The instance type of a planned machine, how it starts, and how its disks get there.
struct MachinePlanner: Sendable {
  var request: PlanPreflight
  var account: Account

  var architecture: String? { InstanceType.architecture(request.hardware.arch) }
  var bootMode: String { request.hardware.firmware == .uefi ? "uefi" : "legacy-bios" }
  var tpm: Bool { request.hardware.tpm && request.hardware.firmware == .uefi }

  /// Amazon's Windows licence comes with an import only.
  var importsImage: Bool { isWindows && request.options["license"]?.stringValue == "included" }

  /// Whose licence the instance's price is with.
  var system: PriceList.System { importsImage ? .windows : .linux }

  private var isWindows: Bool {
    (request.guest?.family ?? request.machine.guest?.family ?? "").lowercased().hasPrefix("windows")
  }

  /// The type to take, and those to try after it; none where nothing does, and why is among the findings.
  func types(
    zone: String, nics: Int, disks: Int, _ findings: inout Findings
  ) async throws -> [TypeChooser.Choice] {
    checkBoot(&findings)
    guard let architecture else {
      findings.block(
        "arch.unknown", "There are no instances for \(request.hardware.arch).", at: "/hardware/arch",
        action: "EC2 has x86_64 and aarch64.")
      return []
    }
    let memory = request.mapping.memoryBytes ?? request.machine.memoryBytes
    let needs = TypeNeeds(
      vcpus: max(1, request.mapping.cpuCount ?? request.machine.cpu.count), memoryMiB: (memory + (1 << 20) - 1) >> 20,
      architecture: architecture, bootMode: bootMode, tpm: tpm, nics: nics, disks: disks)
    let wish = (request.options["instanceType"]?.stringValue ?? account.settings.instanceType).flatMap {
      $0.isEmpty ? nil : $0
    }
    if let wish {
      let (type, isOffered) = try await Failure.translating("Reading instance type \(wish)", outcome: .none) {
        (try await account.type(named: wish), try await account.offers(wish, in: zone))
      }
      return asked(wish, needs, type, isOffered, zone, &findings)
    }
    let (all, offered) = try await Failure.translating("Reading the instance types", outcome: .none) {
      (try await account.types(architecture), try await account.offered(in: zone))
    }
    return try await cheapest(needs, all.filter { offered.contains($0.name) }, zone, &findings)
  }

  private func checkBoot(_ findings: inout Findings) {
    if request.hardware.secureBoot {
      findings.adjust(
        "/hardware/secureBoot", from: "true", to: "false",
        why: "EC2 starts with Secure Boot only from images that bring their keys along; this one does not.")
    }
    let license = request.options["license"]?.stringValue
    if isWindows, license != "byol", license != "included" {
      findings.block(
        "windows.license", "Windows needs a licence on EC2, and it is not said whose.", at: "/options/license",
        action:
          "Set `license` to included (Amazon's: the image is imported), or to byol where yours covers EC2 (usually on a dedicated host: `tenancy`)."
      )
    }
    if importsImage {
      findings.note(
        "delivery.importImage",
        "The image comes of an import (VM Import) of the boot disk's snapshot: one that is registered would have no Windows licence. The service adapts the guest by itself, and needs the role vmimport. Other disks are attached to the instance.",
        at: "/options/license")
    }
  }

  private func asked(
    _ name: String, _ needs: TypeNeeds, _ type: InstanceType?, _ isOffered: Bool, _ zone: String,
    _ findings: inout Findings
  ) -> [TypeChooser.Choice] {
    let at = "/options/instanceType"
    guard let type else {
      findings.block(
        "instanceType.unknown", "There is no instance type '\(name)' in \(account.settings.region).", at: at,
        action: "Choose another, or let the cheapest that fits be chosen.")
      return []
    }
    guard isOffered else {
      findings.block(
        "instanceType.zone", "Zone \(zone) has no \(name).", at: at,
        action: "Choose a subnet in another zone, or another type.")
      return []
    }
    let missing = needs.missing(type)
    guard missing.isEmpty else {
      findings.block(
        "instanceType.unfit", "\(name) cannot run this machine: \(missing.joined(separator: "; ")).", at: at,
        action: "Choose another type, or let the cheapest that fits be chosen.")
      return []
    }
    for lack in needs.lacking(type) {
      findings.warn("instanceType.smaller", "\(name) has \(lack).", at: at, action: "Choose a larger type if it must.")
    }
    return [TypeChooser(needs: needs, types: [type], system: system).choice(type)]
  }

  private func cheapest(
    _ needs: TypeNeeds, _ types: [InstanceType], _ zone: String, _ findings: inout Findings
  ) async throws -> [TypeChooser.Choice] {
    var chooser = TypeChooser(needs: needs, types: types, system: system)
    let count = chooser.ranking().count
    guard count > 0 else {
      let near = types.filter { !$0.isSpecial && needs.lacking($0).isEmpty }
      let why = near.prefix(3).map { "\($0.name): \(needs.missing($0).joined(separator: ", "))" }
      findings.block(
        "instanceType.none",
        "No instance type in \(zone) has \(needs.vcpus) vCPUs, \(ByteSize.text(needs.memoryMiB << 20)), \(needs.nics) network interfaces, \(needs.disks) disks, \(needs.architecture) and \(needs.bootMode)\(needs.tpm ? ", with a TPM" : "").",
        at: "/machine", action: "Ask for less, leave disks out, or choose a subnet in another zone.",
        detail: why.isEmpty ? nil : why.joined(separator: "; "))
      return []
    }
    await chooser.askPrices(of: account)
    let picked = TypeChooser.pick(chooser.ranking())
    if let first = picked.first {
      let others = picked.dropFirst().prefix(2).map(TypeChooser.describe).joined(separator: ", ")
      findings.note(
        "instanceType.chosen",
        TypeChooser.reason(first, of: count) + (others.isEmpty ? "" : " Next: \(others)."),
        at: "/options/instanceType")
    }
    return picked
  }

  func tell(_ costs: MachinePlan.Costs, _ findings: inout Findings) {
    if account.settings.delivery == .import {
      findings.note(
        "delivery.import",
        "Disks go as compressed images (VMDK) through bucket '\(account.settings.bucket ?? "")' and VM Import, since the target says so (`delivery`). That needs the role vmimport, and costs the time of the import; nothing is sent but what there is, and parts that are there are not sent again.",
        at: "/disks")
    } else {
      findings.note(
        "delivery.ebs",
        "Disks go block by block into EBS snapshots: that needs no bucket, no import role and no staged file, and can be taken up again.",
        at: "/disks")
    }
    findings.note("prices.source", "Prices: \(costs.source).")
    if request.options["startAtOnce"]?.boolValue != true {
      findings.note(
        "machine.startsOnce",
        "EC2 starts what it makes: the instance is asked to shut down again at once, and started when the restore says so. `startAtOnce` leaves it running."
      )
    }
  }
}
