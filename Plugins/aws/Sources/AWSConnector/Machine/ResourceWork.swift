import AWSClient
import ConnectorKit
import ConnectorProtocol

/// What a job has made: found by its marks, removed, or kept for good.
struct ResourceWork: Sendable {
  var account: Account

  private var ec2: EC2 { account.ec2 }
  private var instances: InstanceStore { InstanceStore(ec2: ec2) }
  private var snapshots: SnapshotStore { SnapshotStore(ec2: ec2) }
  private var volumes: VolumeStore { VolumeStore(ec2: ec2) }

  func find(_ job: JobID) async throws -> [Resource] {
    try await Failure.translating("Looking for what job \(job) made", outcome: .none) {
      let image = Mark.imageName(job)
      var found: [Resource] = []
      for snapshot in try await snapshots.all(of: job) {
        found.append(
          Resource(
            kind: Resources.snapshot, name: snapshot.tags[Mark.name] ?? snapshot.id, remoteID: snapshot.id,
            parent: account.settings.region, temporary: snapshot.tags[Mark.temporary] != nil, costBearing: true,
            details: ["disk": snapshot.tags[Mark.disk] ?? ""]))
      }
      let registered = try await ImageWork.find(job, ec2)?.id
      let imported = registered == nil ? try await ImageImport.left(job, account) : nil
      if let id = registered ?? imported {
        found.append(
          Resource(
            kind: Resources.image, name: image, remoteID: id, parent: account.settings.region,
            dependsOn: found.map(\.name), temporary: true))
      }
      found += try await volumes.find(job)
      for instance in try await instances.all(of: job) where !instance.isGone {
        found.append(
          Resource(
            kind: Resources.machine, name: instance.tags[Mark.name] ?? instance.id, remoteID: instance.id,
            dependsOn: [image], costBearing: true))
      }
      found += try await ImportedResources(account: account, job: job).find()
      return found
    }
  }

  // MARK: Removing

  /// Removes one thing of the job. What bears no mark of it is somebody's now and stays.
  func delete(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    do {
      switch resource.kind {
      case Resources.machine: return try await deleteInstance(resource, job)
      case Resources.image: return try await deleteImage(resource, job)
      case Resources.snapshot: return try await deleteSnapshot(resource, job)
      case Resources.volume: return try await volumes.delete(resource, job)
      case Resources.upload, Resources.object, Resources.importTask:
        return try await ImportedResources(account: account, job: job).delete(resource)
      default: return (.foreign, "this connector makes no resources of kind '\(resource.kind)'")
      }
    } catch let error as AWSError {
      if error.isCancelled { throw CancellationError() }
      return (.failed, "\(error.message) (\(error.code))")
    } catch let error as ConnectorError {
      return (.failed, error.message)
    }
  }

  static func foreign(_ what: String) -> (ResourcesDelete.State, String?) {
    (.foreign, "\(what) does not bear the mark of this job: it is somebody's now")
  }

  private func deleteInstance(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    var found: Instance?
    if let id = resource.remoteID {
      found = try await instances.look(id)
    } else {
      // Announced, and perhaps made.
      found = try await instances.all(of: job).first { !$0.isGone }
    }
    guard let instance = found, !instance.isGone else { return (.absent, nil) }
    guard instance.job == job.rawValue else { return Self.foreign("instance \(instance.id)") }
    try await instances.terminate(instance.id)
    return (.deleted, nil)
  }

  private func deleteImage(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    guard resource.name == Mark.imageName(job) else { return Self.foreign("image '\(resource.name)'") }
    // Only what was announced, or was a task when last heard of, can have imports to give up.
    let mayBeImport = resource.remoteID?.hasPrefix("import-") ?? true
    let isGivenUp = mayBeImport ? try await ImageImport.giveUp(job, account) : false
    guard let image = try await ImageWork.find(job, ec2) else { return (isGivenUp ? .deleted : .absent, nil) }
    do { try await ec2.call("DeregisterImage", [("ImageId", image.id)]) } catch let error as AWSError
      where error.isNotFound
    { return (.absent, nil) }
    return (.deleted, nil)
  }

  private func deleteSnapshot(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    var found: [Snapshot] = []
    if let id = resource.remoteID {
      found = try await snapshots.look(id).map { [$0] } ?? []
    } else {
      found = try await snapshots.all(of: job).filter { $0.tags[Mark.name] == resource.name }
    }
    guard !found.isEmpty else { return (.absent, nil) }
    for snapshot in found {
      guard snapshot.job == job.rawValue else { return Self.foreign("snapshot \(snapshot.id)") }
      do { try await snapshots.delete(snapshot.id) } catch let error as AWSError
        where error.code == "InvalidSnapshot.InUse"
      { return (.blocked, error.message) }
      maps.remove(snapshot.id)
    }
    return (.deleted, nil)
  }

  private var maps: BlockMapFolder {
    BlockMapFolder(path: account.stateFolder ?? account.environment.workFolder)
  }

  // MARK: Keeping

  /// The restore is done: image and temporary snapshots go, marks come off the rest.
  func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    let job = request.job
    return try await Failure.translating("Finishing job \(job)", outcome: .partial) {
      if let image = try await ImageWork.find(job, ec2) {
        try await ec2.call("DeregisterImage", [("ImageId", image.id)])
      }
      try await ImageImport.release(job, account)
      for snapshot in try await snapshots.all(of: job) {
        if snapshot.tags[Mark.temporary] != nil {
          try await snapshots.delete(snapshot.id)
          maps.remove(snapshot.id)
        } else {
          // What a later restore goes on from keeps its receipt, and the name of what it is of.
          try await ec2.removeTags([Mark.job, Mark.turn], from: [snapshot.id])
        }
      }
      try await ImportedResources(account: account, job: job).clear()
      for instance in try await instances.all(of: job) where !instance.isGone {
        let ids = [instance.id] + instance.volumes.values.sorted() + instance.interfaces
        try await ec2.removeTags([Mark.job, Mark.state, Mark.types, Mark.disk], from: ids)
      }
      return JobCommit.Result(
        kept: request.resources.filter { !$0.temporary }, removed: request.resources.filter(\.temporary))
    }
  }
}
