import AWSClient
import ConnectorKit
import ConnectorProtocol

/// The import of one image out of the bucket into a snapshot: begun once, followed, and made the job's.
///
/// A task bears the job's mark until its snapshot does: what is marked is not finished, or was left by a crash.
struct SnapshotImport: Sendable {
  private static let lost = "the import has ended without a snapshot"

  var work: SnapshotWork

  private var account: Account { work.account }
  private var plan: MachinePlan { work.plan }
  private var disk: MachinePlan.Disk { work.disk }
  private var tasks: ImportTasks { ImportTasks(account.api) }
  private func resource(_ id: String? = nil) -> Resource { Resources(plan: plan).importTask(disk.index, id) }

  /// Tasks of a job that are not finished with, in whatever state but a failed one.
  static func open(_ job: JobID, _ account: Account) async throws -> [ImportTask] {
    try await ImportTasks(account.api).tasks(.snapshot, tag: Mark.job, job.rawValue).filter { !$0.isFailed }
  }

  /// The task of this content; those of others are given up.
  func find(_ generation: String, _ operation: OperationContext) async throws -> (task: ImportTask, receipt: Receipt)? {
    var found: (ImportTask, Receipt)?
    for task in try await Self.open(plan.job, account) where task.tags[Mark.disk] == String(disk.index) {
      if found == nil, let receipt = task.tags[Mark.receipt].flatMap({ Receipt($0) }), receipt.generation == generation
      {
        found = (try await operation.creating(resource()) { (task, remoteID: task.id) }, receipt)
      } else {
        try await Self.giveUp(task, account)
        await operation.deleted(resource(task.id))
      }
    }
    return found
  }

  /// Begins one. Each has its own client token: that of one that has ended would give that one again.
  func begin(_ image: S3Multipart, _ receipt: Receipt, _ operation: OperationContext) async throws -> ImportTask {
    let all = try await tasks.tasks(.snapshot, tag: Mark.importedBy, plan.job.rawValue)
    let turn = all.filter { $0.tags[Mark.disk] == String(disk.index) }.count
    let token = Mark.token(
      plan.job.rawValue, "import-snapshot", String(disk.index), receipt.generation, String(turn))
    return try await operation.creating(resource()) {
      let task = try await Failure.translating("Beginning the import of disk \(disk.index)") {
        try await tasks.importSnapshot(
          ImportTasks.Source(bucket: image.bucket, key: image.key, format: "VMDK"),
          ImportTasks.Terms(
            description: "\(plan.name), disk \(disk.index), restored by Ascend", clientToken: token,
            encrypted: plan.kmsKeyID != nil, kmsKeyId: plan.kmsKeyID,
            tags: [
              (Mark.name, resource().name), (Mark.job, plan.job.rawValue), (Mark.importedBy, plan.job.rawValue),
              (Mark.disk, String(disk.index)), (Mark.receipt, receipt.text),
            ]))
      }
      return (task, remoteID: task.id)
    }
  }

  /// Waits for the end of the task, and marks its snapshot as the job's.
  func finish(_ task: ImportTask, _ receipt: Receipt, _ operation: OperationContext) async throws -> Snapshot {
    let done: ImportTask
    do {
      done = try await tasks.wait(for: task.id, .snapshot, every: account.importPause) { now in
        operation.progress(
          phase: "import", done: Int64(now.isCompleted ? 100 : now.progress ?? 0), total: 100, unit: "steps",
          message: now.statusMessage)
      }
    } catch {
      // One that has failed is nothing that could be given up.
      if error.code == AWSError.Codes.importFailed { await operation.deleted(resource(task.id)) }
      throw error
    }
    guard let id = done.snapshotId else {
      throw AWSError(
        service: "ec2", operation: "ImportSnapshot", status: 200, code: AWSError.Codes.malformedAnswer,
        message: Self.lost)
    }
    try await operation.creating(work.resource) {
      try await account.ec2.setTags(marks(receipt), on: [id])
      return ((), remoteID: id)
    }
    try await account.ec2.removeTags([Mark.job], from: [task.id])
    await operation.deleted(resource(task.id))
    return try await account.ec2.wait(minutes: 5, "Snapshot \(id)") {
      (try await SnapshotStore(ec2: account.ec2).look(id), "not there")
    }
  }

  private func marks(_ receipt: Receipt) -> [(String, String)] {
    Mark.merge(
      plan.tags(of: disk),
      [
        (Mark.name, work.resource.name), (Mark.disk, String(disk.index)), (Mark.source, disk.source),
        (Mark.turn, "0"), (Mark.temporary, plan.keepSnapshots ? "" : "true"), (Mark.receipt, receipt.text),
        (Mark.job, plan.job.rawValue),
      ])
  }

  // MARK: Giving up

  /// Cancels a task that runs; of one that has ended, removes the snapshot that nobody has taken over.
  static func giveUp(_ task: ImportTask, _ account: Account) async throws {
    var now = task
    if !task.isCompleted {
      try await ImportTasks(account.api).cancel(task.id)
      // It may have ended before it was told to.
      now = try await ImportTasks(account.api).task(task.id, .snapshot)
    }
    let store = SnapshotStore(ec2: account.ec2)
    if now.isCompleted, let id = now.snapshotId, let snapshot = try await store.look(id), snapshot.job == nil,
      snapshot.receipt == nil
    {
      try await store.delete(id)
    }
    try await account.ec2.removeTags([Mark.job], from: [task.id])
  }
}
