import AWSClient
import ConnectorProtocol
import Foundation

/// What is asked to find out whether the account has a permission, without doing anything.
enum PermissionProbes {
  typealias Ask = @Sendable (Account) async throws -> Void

  /// Ids that nothing has.
  private static let instance = "i-00000000000000000"
  private static let snapshot = "snap-00000000000000000"
  private static let image = "ami-00000000000000000"
  private static let volume = "vol-00000000000000000"
  private static let name = "ascend-permission-check"

  /// EC2 answers a dry run with what the call would have come to.
  private static let dryRuns: [String: [(String, String)]] = [
    "RunInstances": [("ImageId", image), ("MinCount", "1"), ("MaxCount", "1"), ("InstanceType", "t3.micro")],
    "RegisterImage": [
      ("Name", name), ("Architecture", "x86_64"), ("VirtualizationType", "hvm"), ("RootDeviceName", DeviceName.root),
      ("BlockDeviceMapping.1.DeviceName", DeviceName.root), ("BlockDeviceMapping.1.Ebs.SnapshotId", snapshot),
    ],
    "CreateTags": [("ResourceId.1", snapshot), ("Tag.1.Key", Mark.job), ("Tag.1.Value", name)],
    "DeleteTags": [("ResourceId.1", snapshot), ("Tag.1.Key", Mark.job)],
    "StartInstances": [("InstanceId.1", instance)], "StopInstances": [("InstanceId.1", instance)],
    "TerminateInstances": [("InstanceId.1", instance)], "DeregisterImage": [("ImageId", image)],
    "DeleteSnapshot": [("SnapshotId", snapshot)], "DeleteVolume": [("VolumeId", volume)],
    "GetConsoleOutput": [("InstanceId", instance)], "GetConsoleScreenshot": [("InstanceId", instance)],
    "ModifyInstanceAttribute": [("InstanceId", instance), ("InstanceType.Value", "t3.micro")],
    "AttachVolume": [("VolumeId", volume), ("InstanceId", instance), ("Device", DeviceName.data(0))],
    "ImportImage": [("Platform", "Windows"), ("LicenseType", "AWS"), ("DiskContainer.1.SnapshotId", snapshot)],
    "CancelImportTask": [("ImportTaskId", "import-ami-00000000000000000")],
  ]

  /// Calls that only look.
  private static let looks: [String: [(String, String)]] = [
    "DescribeRegions": [], "DescribeAvailabilityZones": [], "DescribeVpcs": [("MaxResults", "5")],
    "DescribeSubnets": [("MaxResults", "5")], "DescribeSecurityGroups": [("MaxResults", "5")],
    "DescribeKeyPairs": [], "DescribeInstanceTypes": [("InstanceType.1", "t3.micro")],
    "DescribeInstanceTypeOfferings": EC2.filters([("instance-type", ["t3.micro"])]),
    "DescribeSnapshots": [("Owner.1", "self"), ("MaxResults", "5")], "DescribeImages": [("Owner.1", "self")],
    "DescribeInstances": [("MaxResults", "5")], "DescribeInstanceStatus": [("MaxResults", "5")],
    "DescribeVolumes": [("MaxResults", "5")], "DescribeNetworkInterfaces": [("MaxResults", "5")],
    "DescribeImportSnapshotTasks": [], "DescribeImportImageTasks": [],
  ]

  /// What other services are asked; those without dry runs, for what is not there.
  private static let others: [String: Ask] = [
    "ec2:CreateVolume": { account in
      try await ec2(
        account, "CreateVolume",
        [("AvailabilityZone", account.settings.region + "a"), ("SnapshotId", snapshot), ("DryRun", "true")])
    },
    "ec2:ImportSnapshot": { account in
      try await ec2(
        account, "ImportSnapshot",
        [
          ("DiskContainer.Format", "VMDK"), ("DiskContainer.UserBucket.S3Key", name),
          ("DiskContainer.UserBucket.S3Bucket", account.settings.bucket ?? name), ("DryRun", "true"),
        ])
    },
    "ebs:PutSnapshotBlock": { account in
      let block = Data(count: EBS.blockBytes)
      let digest = Data(SHA256.hash(block)).base64EncodedString()
      try await EBS(api: account.impatient).put(snapshot, 0, block, digest: digest, percent: nil)
    },
    "ebs:CompleteSnapshot": { try await EBS(api: $0.impatient).complete(snapshot, count: 0, linear: nil) },
    "ebs:ListSnapshotBlocks": { _ = try await EBS(api: $0.impatient).list(snapshot, page: nil) },
    "s3:GetBucketLocation": { _ = try await object($0).bucketRegion() },
    "s3:ListBucket": { _ = try await object($0).objects() },
    "s3:ListBucketMultipartUploads": { _ = try await object($0).pending() },
    "s3:ListMultipartUploadParts": { _ = try await object($0).parts(of: name) },
    "s3:AbortMultipartUpload": { try await object($0).abort(name) },
    "s3:GetObject": { _ = try await object($0).objectBytes() },
    "kms:ListAliases": { account in
      _ = try await account.impatient.json("kms", target: "TrentService.ListAliases", body: ["Limit": 1])
    },
    "iam:ListInstanceProfiles": { account in
      _ = try await account.impatient.query(
        "iam", "ListInstanceProfiles", version: "2010-05-08", [("MaxItems", "1")], retry: .once)
    },
    "iam:GetInstanceProfile": { account in
      _ = try await account.impatient.query(
        "iam", "GetInstanceProfile", version: "2010-05-08", [("InstanceProfileName", name)], retry: .once)
    },
    "pricing:GetProducts": { account in
      _ = try await PriceList(api: account.impatient, region: account.settings.region)
        .products("AmazonEC2", [("instanceType", "t3.micro")])
    },
  ]

  /// What cannot be found out without doing it, and why.
  static let unasked: [String: String] = [
    "sts:GetCallerIdentity": "nobody needs a permission for it, and the check begins with it",
    "ebs:StartSnapshot": "it begins a snapshot",
    "ebs:GetSnapshotBlock": "it needs the token of a block, which only a listing gives",
    "s3:PutObject": "it makes an object",
    "s3:DeleteObject": "in a bucket with versions it leaves a mark, also where there was nothing",
    "iam:PassRole": "it is no call",
    "kms:DescribeKey": "the plan asks for the key that is chosen",
    "kms:CreateGrant": "it is a key's own matter, and used by EBS",
    "kms:GenerateDataKeyWithoutPlaintext": "it is a key's own matter, and used by EBS",
  ]

  /// How a permission is asked for; nil where it cannot be.
  static func ask(_ permission: String) -> Ask? {
    if let ask = others[permission] { return ask }
    let parts = permission.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0] == "ec2" else { return nil }
    let action = parts[1]
    guard let parameters = looks[action] ?? dryRuns[action].map({ $0 + [("DryRun", "true")] }) else { return nil }
    return { try await ec2($0, action, parameters) }
  }

  private static func ec2(_ account: Account, _ action: String, _ parameters: [(String, String)]) async throws {
    _ = try await account.api.query("ec2", action, version: EC2.version, parameters, retry: .once)
  }

  private static func object(_ account: Account) -> S3Multipart {
    S3Multipart(account.impatient, bucket: account.settings.bucket ?? "", key: ImageObjects.mark + "permission-check")
  }
}
