import ConnectorProtocol
import Foundation

/// The machines of a job on the server: found by name and mark, made, changed, removed.
struct MachineStore: Sendable {
  /// A machine of the inventory, as far as it matters here.
  struct Found: Sendable {
    var reference: MoRef
    var name: String
    /// Nil where it bears none: not ours, or not ours any more.
    var mark: Mark?
    /// The finished job that made it.
    var origin: JobID?
    var isOn: Bool
    /// The path of its configuration file.
    var file: DatastorePath?
  }

  static let properties = ["name", "config.extraConfig", "config.files.vmPathName", "runtime.powerState"]

  var client: VimClient

  private static func found(_ content: ObjectContent) -> Found {
    Found(
      reference: content.object, name: Entity.plain(content.string("name") ?? ""),
      mark: Mark(extraConfig: content["config.extraConfig"]),
      origin: Mark.origin(extraConfig: content["config.extraConfig"]),
      isOn: content.string("runtime.powerState") == "poweredOn",
      file: content.string("config.files.vmPathName").flatMap { DatastorePath($0) })
  }

  /// Nil where it is gone.
  func look(_ reference: MoRef) async throws -> Found? {
    do { return Self.found(try await client.properties(Self.properties, of: reference)) } catch let fault as VimFault
      where fault.isGone
    { return nil }
  }

  /// What has this name in a folder: a machine, or something else of the inventory.
  func named(_ name: String, in folder: MoRef) async throws -> Found? {
    let answer = try await client.call(
      "FindChild", on: client.content.searchIndex,
      ["entity": .reference(folder), "name": .text(Entity.escaped(name))])
    guard let reference = answer.reference("returnval") else { return nil }
    guard reference.type == "VirtualMachine" else {
      return Found(reference: reference, name: name, mark: nil, isOn: false, file: nil)
    }
    return try await look(reference)
  }

  /// The job's own machine of this name; nil where nothing has the name.
  ///
  /// - Throws: `nameTaken` where something else has it.
  func own(_ name: String, _ plan: MachinePlan, role: Mark.Role) async throws -> Found? {
    guard let placement = plan.placement else { return nil }
    guard let found = try await named(name, in: placement.folder) else { return nil }
    guard let mark = found.mark, mark.jobID == plan.job, mark.roleName == role.text else {
      throw Failure.nameTaken(name, in: placement.folderPath)
    }
    return found
  }

  /// Every machine that bears the job's mark, wherever it is.
  func all(of job: JobID) async throws -> [Found] {
    var found: [Found] = []
    try await client.enumerate(["VirtualMachine": Self.properties], below: client.content.rootFolder) { page in
      found += page.map(Self.found).filter { $0.mark?.jobID == job }
    }
    return found.sorted { $0.name < $1.name }
  }

  func update(_ machine: MoRef, extraConfig: [VimValue]) async throws {
    let spec = VimObject("VirtualMachineConfigSpec", ["extraConfig": .list(extraConfig)])
    try await client.perform("ReconfigVM_Task", on: machine, ["spec": .object(spec)])
  }

  func keep(_ receipt: Mark.Receipt, of disk: Int, on machine: MoRef) async throws {
    let text = String(decoding: try CanonicalJSON.encode(receipt), as: UTF8.self)
    try await update(machine, extraConfig: [Mark.entry(Mark.receiptKey(disk), text)])
  }

  // MARK: Removal

  /// How long a lease that nobody feeds any more holds its machine, in seconds.
  static let patience: Double = 330

  /// Switches it off and removes it with its disks; what is gone already counts as done.
  ///
  /// An import that was left behind holds its machine until it lapses: its task is cancelled, or waited for.
  func remove(_ machine: MoRef, patience: Double = patience) async throws {
    let deadline = ContinuousClock.now + .seconds(patience)
    while true {
      do {
        if try await look(machine)?.isOn == true { try await powerOff(machine) }
        try await client.perform("Destroy_Task", on: machine)
        return
      } catch let fault as VimFault where fault.isGone {
        return
      } catch let fault as VimFault where Self.isHeld(fault) && ContinuousClock.now < deadline {
        if let task = fault.detail?.reference("task") { _ = try? await client.call("CancelTask", on: task) }
        try await Task.sleep(for: .seconds(3))
      }
    }
  }

  private static func isHeld(_ fault: VimFault) -> Bool {
    ["TaskInProgress", "ConcurrentAccess", "ResourceInUse", "InvalidState"].contains(fault.name)
  }

  func powerOff(_ machine: MoRef) async throws {
    do { try await client.perform("PowerOffVM_Task", on: machine) } catch let fault as VimFault
      where fault.name == "InvalidPowerState"
    {}
  }
}
