import ConnectorProtocol
import Foundation

extension Backup.Kind {
  /// Disks with the answer of `az vm show`.
  static let azure: Backup.Kind = "azure"
}

/// `az vm show` of Azure, flat or as the resource manager answers, with the JSON of its network interfaces, disks,
/// snapshots and sizes beside it.
enum AzureDialect: MachineDialect {
  static let name = "az vm show of Azure"
  static let platform = "azure"

  static func machines(_ library: JSONLibrary) -> [DescribedMachine] {
    let places = library.objects { members in
      let body = members["properties"]?.members ?? members
      return body["storageProfile"]?.members != nil && (body["hardwareProfile"] ?? body["networkProfile"]) != nil
    }
    return places.map { place in
      let id = place["vmId"] ?? place.members["properties"]?["vmId"]?.text ?? place["id"]
      return DescribedMachine(place: place, names: [place["name"], place["id"], id].compactMap(\.self))
    }
  }

  static func draft(_ machine: DescribedMachine, _ library: JSONLibrary) throws(JSONFault) -> MachineDraft {
    let outer = machine.place.record
    let body = outer.has("storageProfile") ? outer : try outer.record("properties") ?? outer
    let name = try outer.text("name")
    var draft = MachineDraft(
      name: MachineDraft.clean(name, or: machine.names.first ?? "machine"), platform: platform, kind: .azure)
    let vmID = try body.text("vmId")
    draft.identity.uuid = vmID.flatMap { UUID(uuidString: $0)?.uuidString.lowercased() }
    draft.identity.source = ["id": try outer.text("id"), "vmId": vmID].compactMapValues(\.self)
    draft.tags = try outer.pairs("tags")
    outer.pass("type", "etag")
    let sidecars = AzureSidecars(library: library, machine: machine.place)
    try readSize(body, sidecars, &draft)
    try AzureDisks.read(body, sidecars, into: &draft)
    draft.firmware = try firmware(body, sidecars)
    try AzureNICs.read(body, sidecars, into: &draft)
    if let guest = try body.record("osProfile"), let computer = try guest.text("computerName"), computer != name {
      draft.identity.source["computerName"] = computer
    }
    draft.losses += outer.losses(why: DraftTools.why)
    return draft
  }

  private static func readSize(_ body: JSONRecord, _ sidecars: AzureSidecars, _ draft: inout MachineDraft)
    throws(JSONFault)
  {
    guard let hardware = try body.record("hardwareProfile") else { return }
    let size = try hardware.text("vmSize")
    if let size {
      draft.identity.source["vmSize"] = size
      (draft.cpu, draft.memoryBytes) = try sidecars.size(size)
    }
    // What the machine was given of its size's processors.
    if let own = try hardware.record("vmSizeProperties"),
      let count = try own.count("vCPUsAvailable", "vCpusAvailable", in: DraftTools.counts)
    {
      let threads = try own.count("vCPUsPerCore", "vCpusPerCore", in: 1...64)
      draft.cpu = .init(count: Int(count), threadsPerCore: threads.map { Int($0) })
    }
    guard let size, draft.cpu == nil || draft.memoryBytes == nil else { return }
    draft.findings.append(
      "The description names the size \(size.prefix(60)) and not what it has: put the answer of "
        + "`az vm list-sizes --location LOCATION` beside it")
  }

  private static func firmware(_ body: JSONRecord, _ sidecars: AzureSidecars) throws(JSONFault)
    -> MachineDescription.Firmware?
  {
    let security = try body.record("securityProfile")
    let settings = try security?.record("uefiSettings")
    let type = try security?.text("securityType")
    let secure = try settings?.flag("secureBootEnabled") ?? false
    let tpm = try settings?.flag("vTpmEnabled", "vtpmEnabled") ?? false
    let view = try body.record("instanceView")
    let generation = try view?.text("hyperVGeneration") ?? sidecars.generation
    view?.pass(
      "disks", "statuses", "vmAgent", "computerName", "osName", "osVersion", "bootDiagnostics", "extensions",
      "assignedHost", "vmHealth", "patchStatus", "isVmInStandbyPool", "platformFaultDomain", "platformUpdateDomain",
      "maintenanceRedeployStatus", "rdpThumbPrint")
    if let generation {
      return .init(type: generation.uppercased() == "V1" ? .bios : .uefi, secureBoot: secure, tpm: tpm)
    }
    // Secure boot and the like exist on machines of the second generation alone.
    let isSecond = secure || tpm || ["trustedlaunch", "confidentialvm"].contains(type?.lowercased())
    return isSecond ? .init(type: .uefi, secureBoot: secure, tpm: tpm) : nil
  }
}
