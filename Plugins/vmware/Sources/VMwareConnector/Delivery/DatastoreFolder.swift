import ConnectorProtocol
import Foundation

/// The folder of a datastore in which a job's flat disks wait for their machine. Its name is the job's mark.
enum DatastoreFolder {
  static func path(_ job: JobID, _ datastore: String) -> DatastorePath {
    DatastorePath(datastore, "ascend-\(job.rawValue)")
  }

  static func descriptor(_ disk: MachinePlan.Disk, _ job: JobID) -> DatastorePath {
    path(job, disk.datastore ?? "").appending("disk\(disk.index).vmdk")
  }

  static func extent(_ disk: MachinePlan.Disk, _ job: JobID) -> DatastorePath {
    path(job, disk.datastore ?? "").appending("disk\(disk.index)-flat.vmdk")
  }

  /// What is known of a disk that has arrived.
  static func receipt(_ disk: MachinePlan.Disk, _ job: JobID) -> DatastorePath {
    path(job, disk.datastore ?? "").appending("disk\(disk.index).json")
  }

  /// Those that a plan needs, one for each datastore.
  static func all(_ plan: MachinePlan) -> [DatastorePath] {
    Set(plan.disks.compactMap(\.datastore)).sorted().map { path(plan.job, $0) }
  }

  /// The job's folders, on every datastore that can be looked at.
  static func find(_ job: JobID, _ client: VimClient, _ tree: InventoryTree) async throws -> [Resource] {
    var found: [Resource] = []
    for datastore in tree.all(.storage) where Eligibility.why(datastore) == nil {
      let path = path(job, datastore.name)
      guard try await exists(path, datastore, client) else { continue }
      var details = ["path": path.description]
      details["datacenter"] = datastore.datacenter?.id
      found.append(
        Resource(
          kind: Resources.folder, name: path.description, remoteID: path.description, temporary: true,
          details: details))
    }
    return found
  }

  private static func exists(_ path: DatastorePath, _ datastore: Entity, _ client: VimClient) async throws -> Bool {
    guard
      let browser = try await client.properties(["browser"], of: datastore.reference).reference("browser")
    else { return false }
    let spec = VimObject("HostDatastoreBrowserSearchSpec", ["matchPattern": ["*"]])
    do {
      try await client.perform(
        "SearchDatastore_Task", on: browser,
        ["datastorePath": .text(path.description), "searchSpec": .object(spec)])
      return true
    } catch let fault as VimFault where ["FileNotFound", "InvalidDatastorePath"].contains(fault.name) {
      return false
    }
  }

  static func remove(
    _ resource: Resource, _ job: JobID, _ client: VimClient, _ tree: InventoryTree
  ) async throws -> (ResourcesDelete.State, String?) {
    guard let path = (resource.details["path"] ?? resource.remoteID).flatMap({ DatastorePath($0) }),
      path == self.path(job, path.datastore)
    else { return (.foreign, "it is no folder of this job") }
    guard let datastore = tree.all(.storage).first(where: { $0.name == path.datastore }) else {
      return (.failed, "the datastore '\(path.datastore)' cannot be seen")
    }
    guard try await exists(path, datastore, client) else { return (.absent, nil) }
    try await delete(path, datastore.datacenter, client)
    return (.deleted, nil)
  }

  /// Removes a file, or a folder with all that is in it; what is not there is no error.
  static func delete(_ path: DatastorePath, _ datacenter: MoRef?, _ client: VimClient) async throws {
    guard let files = client.content.fileManager else { return }
    do {
      try await client.perform(
        "DeleteDatastoreFile_Task", on: files,
        ["name": .text(path.description), "datacenter": datacenter.map { .reference($0) }])
    } catch let fault as VimFault where fault.name == "FileNotFound" {}
  }
}
