import ConnectorKit
import ConnectorProtocol
import Foundation

/// Whether a machine can be made on a server, and as what. Changes nothing.
struct Preflight: Sendable {
  var request: PlanPreflight
  var settings: Settings
  var tree: InventoryTree
  var options: ConfigOptions
  var placement: Placement
  /// What has the machine's name already, in words; nil where nothing has, or it is this job's own.
  var holder: String?

  func run() throws -> PlanPreflight.Result {
    var findings = Findings()
    try request.job.checkPlain()
    Self.checkName(request.name, &findings)
    if let holder {
      findings.block(
        "nameTaken", "The name '\(request.name)' is taken in \(placement.folderPath): \(holder).", at: "/name",
        action: "Choose another name or another folder.")
    }
    let hardware = HardwarePlan(request: request, settings: settings, options: options)
    let stores = DatastoreChooser(
      candidates: placement.datastores(tree), default: settings.places[.datastore])
    let networks = NetworkChooser(
      candidates: placement.networks(tree), tree: tree, default: settings.places[.network])
    let disks = hardware.disks(&findings, datastore: stores.choose)
    let cpu = hardware.cpu(&findings)
    let plan = MachinePlan(
      job: request.job, name: request.name, delivery: settings.delivery, placement: placement,
      datastore: disks.first?.datastore, uuid: hardware.identity.uuid(request.machine.identity.uuid),
      guestID: hardware.guestID(&findings), hardwareVersion: hardware.version(disks, &findings), cpuCount: cpu.count,
      coresPerSocket: cpu.coresPerSocket, memoryBytes: hardware.memory(&findings),
      firmware: request.hardware.firmware, secureBoot: request.hardware.secureBoot, tpm: hardware.tpm,
      isWindows: hardware.isWindows, storagePolicy: request.options["storagePolicy"]?.stringValue, disks: disks,
      nics: hardware.nics(&findings, network: networks.choose), notes: request.machine.notes,
      tags: request.mapping.tags)
    hardware.checkFirmware(&findings)
    stores.checkSpace(disks, dense: settings.delivery == .datastore, &findings)
    Self.sayWhatFailureCosts(plan, &findings)
    return try plan.result(for: request, findings, resources: Resources(plan: plan).all)
  }

  static func checkName(_ name: String, _ findings: inout Findings) {
    guard !NameRule.accepts(name) else { return }
    findings.refuse(
      name: name, nearest: NameRule.nearest(name),
      rule: "A name has at most \(MachineLimits.name) characters, and none of / \\ % : * ? \" < > |")
  }

  static func sayWhatFailureCosts(_ plan: MachinePlan, _ findings: inout Findings) {
    let largest = plan.disks.map { $0.allocatedBytes ?? $0.sizeBytes }.max() ?? 0
    findings.note(
      "transfer.perDisk",
      "A transfer that is interrupted begins again with its disk (at most \(ByteSize.text(largest))); "
        + "disks that are complete are not sent again.", at: "/disks")
  }
}
