import AWSClient
import ConnectorProtocol

/// What a job has under way by S3 and VM Import: uploads, images in the bucket, import tasks.
struct ImportedResources: Sendable {
  var account: Account
  var job: JobID

  /// Nothing where the target's disks go another way: whoever does may have neither bucket nor the rights to ask.
  private var isUsed: Bool { account.settings.delivery == .import }

  private func objects(_ bucket: String) -> ImageObjects { ImageObjects(api: account.api, bucket: bucket, job: job) }

  func find() async throws -> [Resource] {
    guard isUsed, let bucket = account.settings.bucket else { return [] }
    var found: [Resource] = []
    for upload in try await objects(bucket).all().pending() {
      found.append(
        Resource(
          kind: Resources.upload, name: upload.key, remoteID: upload.uploadId, parent: bucket, temporary: true,
          costBearing: true))
    }
    for key in try await objects(bucket).all().objects() {
      found.append(
        Resource(
          kind: Resources.object, name: key, remoteID: key, parent: bucket, temporary: true, costBearing: true))
    }
    for task in try await SnapshotImport.open(job, account) {
      found.append(
        Resource(
          kind: Resources.importTask, name: task.tags[Mark.name] ?? task.id, remoteID: task.id,
          parent: account.settings.region, temporary: true))
    }
    return found
  }

  // MARK: Removing

  func delete(_ resource: Resource) async throws -> (ResourcesDelete.State, String?) {
    if resource.kind == Resources.importTask { return try await deleteTask(resource) }
    guard resource.name.hasPrefix(ImageObjects.prefix(job)) else {
      return ResourceWork.foreign("'\(resource.name)'")
    }
    guard let bucket = resource.parent ?? account.settings.bucket else { return (.absent, nil) }
    let place = objects(bucket).at(resource.name)
    if resource.kind == Resources.object {
      guard try await place.objectBytes() != nil else { return (.absent, nil) }
      try await place.deleteObject()
      return (.deleted, nil)
    }
    let pending = try await place.pending().filter {
      $0.key == resource.name && (resource.remoteID == nil || resource.remoteID == $0.uploadId)
    }
    for upload in pending { try await place.abort(upload.uploadId) }
    return (pending.isEmpty ? .absent : .deleted, nil)
  }

  private func deleteTask(_ resource: Resource) async throws -> (ResourcesDelete.State, String?) {
    let mine = try await SnapshotImport.open(job, account)
    let found = mine.filter {
      resource.remoteID == nil ? $0.tags[Mark.name] == resource.name : $0.id == resource.remoteID
    }
    for task in found { try await SnapshotImport.giveUp(task, account) }
    return (found.isEmpty ? .absent : .deleted, nil)
  }

  /// The restore is done: what is left of the way is not needed any more.
  func clear() async throws {
    guard isUsed, let bucket = account.settings.bucket else { return }
    for task in try await SnapshotImport.open(job, account) { try await SnapshotImport.giveUp(task, account) }
    try await objects(bucket).clear { _, _, _ in }
  }
}
