import ConnectorKit
import ConnectorProtocol
import Foundation

extension ServerWork {
  /// What the job made, by the marks on it.
  func find(_ job: JobID) async throws -> ResourcesFind.Result {
    try await Failure.translating("Looking for what job \(job) made", outcome: .none) {
      var resources = try await store.all(of: job).map { machine in
        Resource(
          kind: machine.mark?.roleName == Mark.Role.machine.text ? Resources.machine : Resources.carrier,
          name: machine.name, remoteID: machine.reference.id,
          temporary: machine.mark?.roleName != Mark.Role.machine.text)
      }
      if settings.delivery == .datastore {
        resources += try await DatastoreFolder.find(job, client, try await tree())
      }
      return ResourcesFind.Result(resources: resources)
    }
  }

  /// The restore is done: marks come off the machine, what carried disks goes.
  func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    try await Failure.translating("Finishing job \(request.job)", outcome: .partial) {
      for resource in try await find(request.job).resources where resource.temporary {
        _ = try await delete(resource, request.job)
      }
      for machine in try await store.all(of: request.job) {
        guard let mark = machine.mark else { continue }
        try await store.update(machine.reference, extraConfig: mark.removal)
      }
      return JobCommit.Result(
        kept: request.resources.filter { !$0.temporary }, removed: request.resources.filter(\.temporary))
    }
  }

  /// Removes one thing of the job. What bears no mark of it, or a new name, is somebody's now and stays.
  func delete(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    try await Failure.translating("Removing '\(resource.name)'", outcome: .partial) {
      switch resource.kind {
      case Resources.machine, Resources.carrier:
        guard let machine = try await machine(resource) else { return (.absent, nil) }
        guard machine.mark?.jobID == job else {
          return (.foreign, "'\(machine.name)' does not bear the mark of this job: it is somebody's now")
        }
        guard machine.name == resource.name else {
          return (.foreign, "it was renamed to '\(machine.name)': somebody uses it")
        }
        return try await remove(machine)
      case Resources.folder: return try await DatastoreFolder.remove(resource, job, client, try await tree())
      default: return (.foreign, "this connector makes no resources of kind '\(resource.kind)'")
      }
    }
  }

  private func machine(_ resource: Resource) async throws -> MachineStore.Found? {
    if let reference = resource.remoteID.flatMap(MoRef.init(id:)) { return try await store.look(reference) }
    // Announced, and perhaps made: by its name where it would be.
    guard let folder = resource.details["folder"].flatMap(MoRef.init(id:)) else { return nil }
    return try await store.named(resource.name, in: folder)
  }

  private func remove(_ machine: MachineStore.Found) async throws -> (ResourcesDelete.State, String?) {
    let loose = [machine.mark?.file, machine.mark?.target].compactMap(\.self)
    try await store.remove(machine.reference)
    for file in loose { try await removeLoose(file, of: machine) }
    return (.deleted, nil)
  }

  /// A disk between its carrier and the machine belongs to neither: it is removed, unless the machine has it.
  private func removeLoose(_ file: DatastorePath, of carrier: MachineStore.Found) async throws {
    guard let job = carrier.mark?.jobID, let manager = client.content.virtualDiskManager else { return }
    for machine in try await store.all(of: job) {
      let devices = try await client.properties(["config.hardware.device"], of: machine.reference)
      let files = devices["config.hardware.device"]?.items.compactMap { $0.string("backing.fileName") } ?? []
      if files.contains(file.description) { return }
    }
    let tree = try await tree()
    let datacenter = tree.all(.storage).first { $0.name == file.datastore }?.datacenter
    do {
      try await client.perform(
        "DeleteVirtualDisk_Task", on: manager,
        ["name": .text(file.description), "datacenter": datacenter.map { .reference($0) }])
    } catch let fault as VimFault where ["FileNotFound", "FileFault", "CannotAccessFile"].contains(fault.name) {}
  }
}
