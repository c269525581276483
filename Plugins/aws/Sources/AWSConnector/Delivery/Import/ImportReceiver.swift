import AWSClient
import ConnectorKit
import ConnectorProtocol

/// Brings one disk into its snapshot by way of a bucket and VM Import.
struct ImportReceiver: Sendable {
  var work: SnapshotWork
  var request: DiskReceive
  var objects: ImageObjects

  private var index: Int { work.disk.index }
  private var tasks: SnapshotImport { SnapshotImport(work: work) }
  private var resources: Resources { Resources(plan: work.plan) }

  /// - Throws: `planStale` where the plan names no bucket.
  init(work: SnapshotWork, request: DiskReceive) throws {
    guard let bucket = work.plan.bucket else {
      throw ConnectorError(
        .planStale, "The plan names no bucket.", remedy: "Plan again.", outcome: .none)
    }
    self.work = work
    self.request = request
    objects = ImageObjects(api: work.account.api, bucket: bucket, job: work.plan.job)
  }

  func run(_ operation: OperationContext) async throws -> DiskReceive.Result {
    let checkpoint = try ImportCheckpoint.read(request)
    let generation = Receipt.name(of: request.source.generation)
    let (snapshot, receipt) = try await Failure.translating("Sending disk \(index)", outcome: .partial) {
      if let done = try await finished(generation, operation) { return done }
      let (task, receipt) = try await task(checkpoint, generation, operation)
      let snapshot = try await tasks.finish(task, receipt, operation)
      try await clear(operation)
      return (snapshot, receipt)
    }
    return try await ReceivedDisk(account: work.account, request: request).result(snapshot, receipt, operation)
  }

  /// The snapshot, where an earlier attempt came so far. One of other content goes.
  private func finished(
    _ generation: String, _ operation: OperationContext
  ) async throws -> (Snapshot, Receipt)? {
    guard let there = try await work.current() else { return nil }
    guard let receipt = there.receipt, receipt.generation == generation else {
      try await work.discard(there, operation)
      return nil
    }
    let snapshot = try await operation.creating(work.resource) { (there, remoteID: there.id) }
    // It may have been made in the instant of a crash, and what it came of may still be there.
    _ = try await tasks.find("", operation)
    try await clear(operation)
    return (snapshot, receipt)
  }

  private func clear(_ operation: OperationContext, except kept: String? = nil) async throws {
    try await objects.clear(index, except: kept) { kind, key, id in
      await operation.deleted(kind == Resources.upload ? resources.upload(key, id) : resources.object(key))
    }
  }

  // MARK: The way there

  private func task(
    _ checkpoint: ImportCheckpoint?, _ generation: String, _ operation: OperationContext
  ) async throws -> (ImportTask, Receipt) {
    if let found = try await tasks.find(generation, operation) { return found }
    let image = objects.image(index, generation)
    try await clear(operation, except: image.key)
    let receipt = try await upload(image, checkpoint, operation)
    return (try await tasks.begin(image, receipt, operation), receipt)
  }

  /// Sees to it that the image is in the bucket.
  private func upload(
    _ image: S3Multipart, _ checkpoint: ImportCheckpoint?, _ operation: OperationContext
  ) async throws -> Receipt {
    let there = try await image.objectBytes()
    if let receipt = checkpoint?.receipt {
      guard there == receipt.sent else { throw Failure.startAnew(index, "its image is not in the bucket any more") }
      return try await operation.creating(resources.object(image.key)) { (receipt, remoteID: image.key) }
    }
    // Of an image without its receipt nothing is known but that it is there: it is made again.
    let pending = try await image.pending().filter { $0.key == image.key }.map(\.uploadId)
    if let id = checkpoint?.uploadID, !pending.contains(id) {
      throw Failure.startAnew(index, "the upload that its parts went into was given up")
    }
    let known = checkpoint?.uploadID ?? pending.last
    let id = try await operation.creating(resources.upload(image.key)) {
      if let known { return (known, remoteID: known) }
      let made = try await image.create()
      return (made, remoteID: made)
    }
    for other in pending where other != id { try await image.abort(other) }
    var checkpoint = ImportCheckpoint(uploadID: id, generation: request.source.generation)
    operation.checkpoint(token: checkpoint.token, through: 0)
    let sender = ImageUpload(
      object: image, disk: work.disk, request: request, workFolder: work.account.environment.workFolder)
    let (receipt, parts) = try await sender.run(id, operation)
    try await operation.creating(resources.object(image.key)) {
      try await complete(image, id, parts, receipt)
      return ((), remoteID: image.key)
    }
    await operation.deleted(resources.upload(image.key, id))
    checkpoint.receipt = receipt
    operation.checkpoint(token: checkpoint.token, through: request.source.sizeBytes)
    return receipt
  }

  private func complete(
    _ image: S3Multipart, _ id: String, _ parts: [S3Multipart.Part], _ receipt: Receipt
  ) async throws {
    do { try await image.complete(id, parts) } catch let error where error.code == "NoSuchUpload" {
      // The answer to an earlier attempt was lost.
      guard try await image.objectBytes() == receipt.sent else { throw error }
    }
  }
}
