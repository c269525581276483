import ConnectorProtocol
import Foundation

/// Chooses, from the capability document and the inventory, a machine that the platform should take.
struct TrialPlan {
  var request: PlanPreflight
  var form: CapabilityDocument.DiskForm
  var access: String
  var sizeBytes: Int64

  init(_ document: CapabilityDocument, options: ConformanceOptions, job: JobID, on conversation: Conversation) throws {
    let offered = document.disks.accepts.lazy.compactMap { form in Self.access(form).map { (form, $0) } }.first
    guard let (form, access) = offered else {
      throw RuleSkip("no disk form with access nbd, or file of format raw, is accepted")
    }
    guard let boot = document.boot.first else { throw RuleFailure("the document has no way to boot") }
    let controller = document.controllers.first { controller in
      controller.bootable && (controller.firmware ?? [boot.firmware]).contains(boot.firmware)
    }
    guard let controller else { throw RuleFailure("no bootable controller for firmware \(boot.firmware)") }
    self.form = form
    self.access = access
    let step = max(1, form.roundTo ?? 1)
    sizeBytes = (max(options.diskSizeBytes, form.minBytes ?? 0) + step - 1) / step * step

    let memory = max(512 << 20, document.limits.memoryStepBytes ?? 0)
    let name = String("verify-\(job.short)".prefix(document.limits.nameMax ?? 40))
    let machine = MachineDescription(
      name: name, cpu: MachineDescription.CPU(count: 1), memoryBytes: memory,
      firmware: MachineDescription.Firmware(type: boot.firmware),
      controllers: [MachineDescription.Controller(id: "c0", bus: "scsi-of-the-source")],
      disks: [
        MachineDescription.Disk(index: 0, name: "disk0", sizeBytes: sizeBytes, boot: true, controller: "c0", unit: 0)
      ],
      nics: document.nics.isEmpty ? [] : [MachineDescription.NIC(index: 0, network: "source network")])
    let guest = GuestFacts(
      understood: true, family: "linux", architecture: boot.arch, firmware: boot.firmware, bootDisk: 0)
    let planned = PlanPreflight.PlannedDisk(
      index: 0, sizeBytes: sizeBytes, format: form.format, subformat: form.subformat, access: access, boot: true)
    let hardware = Hardware(
      firmware: boot.firmware, arch: boot.arch, controllers: [controller.id], nicModel: document.nics.first?.model,
      generation: boot.generation)
    var mapping = Mapping()
    mapping.networks = try Self.first("network", document, conversation).map { ["*": $0] } ?? [:]
    mapping.storage = try Self.first("storage", document, conversation).map { ["*": $0] } ?? [:]
    request = PlanPreflight(
      job: job, name: name, machine: machine, guest: guest, disks: [planned], hardware: hardware, mapping: mapping,
      options: try Self.target(document, options, conversation))
  }

  /// Other hardware of the document for the same machine; nil where it has no other.
  func otherHardware(_ document: CapabilityDocument) -> MachineHardware? {
    let now = request.hardware
    let controller = document.controllers.first {
      $0.bootable && !now.controllers.contains($0.id) && ($0.firmware ?? [now.firmware]).contains(now.firmware)
    }
    let model = now.nicModel.flatMap { now in document.nics.map(\.model).first { $0 != now } }
    guard controller != nil || model != nil else { return nil }
    return MachineHardware(
      controllers: controller.map { [$0.id] } ?? now.controllers, nicModel: model ?? now.nicModel)
  }

  /// With `nbd` the kit serves the bytes whatever the format; as a file it can only make a raw one.
  private static func access(_ form: CapabilityDocument.DiskForm) -> String? {
    form.access.first { $0 == "nbd" || ($0 == "file" && form.format == "raw") }
  }

  private static func first(
    _ kind: String, _ document: CapabilityDocument, _ conversation: Conversation
  ) throws -> String? {
    guard document.inventory.contains(where: { $0.kind == kind && $0.parent == nil }) else { return nil }
    return try conversation.call(InventoryList(kind: kind)).items.first { $0.eligible }?.id
  }

  /// The defaults of the target's schema, what must be chosen, and what the kit was told.
  private static func target(
    _ document: CapabilityDocument, _ options: ConformanceOptions, _ conversation: Conversation
  ) throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    let required = document.target["required"]?.arrayValue ?? []
    for (name, schema) in document.target["properties"]?.objectValue ?? [:] {
      if let value = schema["default"] {
        members[name] = value
      } else if required.contains(.string(name)) {
        let inventory = schema["x-ui"]?["options"]?["inventory"]?.stringValue
        members[name] =
          try schema["oneOf"]?.arrayValue?.first?["const"]
          ?? inventory.flatMap { try first($0, document, conversation) }.map { .string($0) }
      }
    }
    return .object(members.merging(options.target.objectValue ?? [:]) { _, told in told })
  }
}
