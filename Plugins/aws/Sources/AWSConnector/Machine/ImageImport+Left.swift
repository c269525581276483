import AWSClient
import ConnectorKit
import ConnectorProtocol

/// What imports of a job have left behind. A task bears the job's mark until the restore is finished; what the service
/// makes of it bears none until we give it one, so an import that ended unseen is known by its task alone.
extension ImageImport {
  /// Looks at the tasks, where the service is busy.
  private static let attempts = 6

  /// Tasks of a job that have not failed.
  static func open(_ job: JobID, _ account: Account) async throws -> [ImportTask] {
    var pause = Duration.milliseconds(500)
    for attempt in 1... {
      do {
        let tasks = try await ImportTasks(account.impatient).tasks(.image, tag: Mark.job, job.rawValue)
        return tasks.filter { !$0.isFailed }
      } catch {
        if hasNone(error, account) { return [] }
        guard error.isRetryable, attempt < attempts else { throw error }
      }
      try await Task.sleep(for: pause)
      pause *= 2
    }
    return []
  }

  /// Whoever may not ask for tasks has begun none; nor has anybody where what stands in EC2's place knows no imports,
  /// and says 500 in no words of EC2's.
  private static func hasNone(_ error: AWSError, _ account: Account) -> Bool {
    Failure.meaning(error).reason == .permissionDenied
      || error.code == AWSError.Codes.httpStatus && account.settings.awsEndpoints.isOverridden("ec2")
  }

  /// The task that runs, or has made an image that is not marked as the job's.
  static func left(_ job: JobID, _ account: Account) async throws -> String? {
    for task in try await open(job, account) {
      if !task.isCompleted { return task.id }
      if let image = task.imageId, try await made(image, job, account) != nil { return task.id }
    }
    return nil
  }

  /// Cancels what runs, and removes what has been made; false where there was nothing.
  static func giveUp(_ job: JobID, _ account: Account) async throws -> Bool {
    let tasks = ImportTasks(account.api)
    var found = false
    for task in try await open(job, account) {
      var now = task
      if !task.isCompleted {
        found = true
        try await tasks.cancel(task.id)
        // It may have ended before it was told to.
        now = try await tasks.task(task.id, .image)
      }
      guard now.isCompleted else { continue }
      if let image = now.imageId, try await remove(image, job, account) { found = true }
      try await account.ec2.removeTags([Mark.job], from: [task.id])
    }
    return found
  }

  /// The restore is finished: its imports are nobody's business any more.
  static func release(_ job: JobID, _ account: Account) async throws {
    try await account.ec2.removeTags([Mark.job], from: try await open(job, account).map(\.id))
  }

  /// An image that a task has made; nil where it is gone, or somebody else's.
  static func made(_ image: String, _ job: JobID, _ account: Account) async throws -> XMLElement? {
    do {
      let answer = try await account.ec2.call("DescribeImages", [("ImageId.1", image)])
      let found = answer.items("imagesSet").first { $0.string("imageId") == image }
      return found.flatMap { [nil, job.rawValue].contains(EC2.tags(of: $0)[Mark.job]) ? $0 : nil }
    } catch let error as AWSError where error.isNotFound {
      return nil
    }
  }

  /// Removes an image, and the snapshots that the service has made for it.
  private static func remove(_ image: String, _ job: JobID, _ account: Account) async throws -> Bool {
    guard let found = try await made(image, job, account) else { return false }
    let store = SnapshotStore(ec2: account.ec2)
    var snapshots: [String] = []
    for id in found.items("blockDeviceMapping").compactMap({ $0.string("ebs/snapshotId") }) {
      guard let snapshot = try await store.look(id) else { continue }
      if snapshot.job == job.rawValue || snapshot.job == nil && snapshot.receipt == nil { snapshots.append(id) }
    }
    // Without the image nothing but their marks tells whose they are.
    try await account.ec2.setTags([(Mark.job, job.rawValue), (Mark.temporary, "true")], on: snapshots)
    do { try await account.ec2.call("DeregisterImage", [("ImageId", image)]) } catch let error as AWSError
      where error.isNotFound
    {}
    for id in snapshots { try await store.delete(id) }
    return true
  }
}
