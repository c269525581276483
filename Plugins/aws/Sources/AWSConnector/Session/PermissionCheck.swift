import AWSClient
import ConnectorProtocol

/// What the account may do, found out without doing it: EC2 answers a dry run with what the call would have come to.
struct PermissionCheck: Sendable {
  /// Ids that nothing has.
  private static let instance = "i-00000000000000000"
  private static let snapshot = "snap-00000000000000000"
  private static let image = "ami-00000000000000000"

  private static let dryRuns: [(String, [(String, String)])] = [
    (
      "RunInstances",
      [("ImageId", image), ("MinCount", "1"), ("MaxCount", "1"), ("InstanceType", "t3.micro")]
    ),
    (
      "RegisterImage",
      [
        ("Name", "ascend-permission-check"), ("Architecture", "x86_64"), ("VirtualizationType", "hvm"),
        ("RootDeviceName", DeviceName.root), ("BlockDeviceMapping.1.DeviceName", DeviceName.root),
        ("BlockDeviceMapping.1.Ebs.SnapshotId", snapshot),
      ]
    ),
    ("CreateTags", [("ResourceId.1", snapshot), ("Tag.1.Key", Mark.job), ("Tag.1.Value", "permission-check")]),
    ("DeleteTags", [("ResourceId.1", snapshot), ("Tag.1.Key", Mark.job)]),
    ("StartInstances", [("InstanceId.1", instance)]), ("StopInstances", [("InstanceId.1", instance)]),
    ("TerminateInstances", [("InstanceId.1", instance)]), ("DeregisterImage", [("ImageId", image)]),
    ("DeleteSnapshot", [("SnapshotId", snapshot)]),
  ]

  /// Calls that only look.
  private static let looks: [(String, [(String, String)])] = [
    ("DescribeSubnets", [("MaxResults", "5")]), ("DescribeSecurityGroups", [("MaxResults", "5")]),
    ("DescribeInstances", [("MaxResults", "5")]), ("DescribeSnapshots", [("Owner.1", "self"), ("MaxResults", "5")]),
    ("DescribeImages", [("Owner.1", "self")]),
    ("DescribeVolumes", [("MaxResults", "5")]), ("DescribeKeyPairs", []),
  ]

  /// What the import delivery asks besides; the bucket and key that nothing has.
  private static let importing: (String, [(String, String)]) = (
    "ImportSnapshot",
    [
      ("DiskContainer.Format", "VMDK"), ("DiskContainer.UserBucket.S3Key", "ascend-permission-check"),
      ("DryRun", "true"),
    ]
  )

  var account: Account

  private var imports: Bool { account.settings.delivery == .import }

  /// A blocker for each permission that is missing.
  func run() async throws -> [Diagnostic] {
    try await withThrowingTaskGroup(of: (Int, Diagnostic?).self) { group in
      var calls = Self.dryRuns.map { ($0.0, $0.1 + [("DryRun", "true")]) } + Self.looks
      if imports, let bucket = account.settings.bucket {
        calls.append((Self.importing.0, Self.importing.1 + [("DiskContainer.UserBucket.S3Bucket", bucket)]))
        calls.append(("DescribeImportSnapshotTasks", []))
        group.addTask { (1000, try await bucketUploads(bucket)) }
      } else {
        group.addTask { (1000, try await blocks()) }
      }
      for (place, call) in calls.enumerated() { group.addTask { (place, try await ec2(call.0, call.1)) } }
      return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.compactMap(\.1)
    }
  }

  private func ec2(_ action: String, _ parameters: [(String, String)]) async throws -> Diagnostic? {
    do {
      _ = try await account.api.query("ec2", action, version: EC2.version, parameters, retry: .once)
      return nil
    } catch { return try missing(error, "ec2:\(action)") }
  }

  /// EBS has no dry run: asked for the blocks of a snapshot that is not there, it says so, or that this is not allowed.
  private func blocks() async throws -> Diagnostic? {
    do {
      _ = try await EBS(api: account.impatient).list(Self.snapshot, page: nil)
      return nil
    } catch let error as AWSError { return try missing(error, "ebs:ListSnapshotBlocks") }
  }

  private func bucketUploads(_ bucket: String) async throws -> Diagnostic? {
    do {
      _ = try await S3Multipart(account.impatient, bucket: bucket, key: ImageObjects.mark).pending()
      return nil
    } catch {
      guard error.code == "NoSuchBucket" else { return try missing(error, "s3:ListBucketMultipartUploads") }
      return Diagnostic(
        severity: .blocker, code: "bucket.unknown", summary: "There is no bucket '\(bucket)'.", at: "/bucket",
        action: "Set `bucket` to one in \(account.settings.region).")
    }
  }

  /// That it is not allowed, or that nothing answers; whatever else is said means that it would be.
  private func missing(_ error: AWSError, _ permission: String) throws -> Diagnostic? {
    if error.isCancelled { throw CancellationError() }
    let meaning = Failure.meaning(error)
    if error.transport != nil || meaning.reason == .unauthenticated || meaning.reason == .credentialsExpired {
      throw error
    }
    guard meaning.reason == .permissionDenied else { return nil }
    let why = Permissions.all.first { $0.name == permission }?.why
    return Diagnostic(
      severity: .blocker, code: "permission.missing", summary: "The account may not \(permission).", detail: why,
      action: "Give it this permission; the README holds the whole policy.")
  }
}
