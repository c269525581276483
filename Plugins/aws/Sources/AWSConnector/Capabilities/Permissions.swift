import ConnectorProtocol

/// What the account needs, each with its reason. The README holds them as a policy.
enum Permissions {
  private static let direct = "with the ebs delivery"
  private static let imported = "with the import delivery"

  static let all: [CapabilityDocument.Permission] = [
    need("sts:GetCallerIdentity", "Says whose account this is."),
    need("ec2:DescribeRegions", "Regions to choose from."),
    need("ec2:DescribeAvailabilityZones", "Zones to choose from."),
    need("ec2:DescribeVpcs", "Networks to choose from."),
    need("ec2:DescribeSubnets", "Subnets to choose from; the one that is chosen is looked at."),
    need("ec2:DescribeSecurityGroups", "Security groups to choose from."),
    need("ec2:DescribeKeyPairs", "Key pairs to choose from."),
    need("ec2:DescribeInstanceTypes", "The instance type is chosen by what fits."),
    need("ec2:DescribeInstanceTypeOfferings", "Not every zone has every type."),
    need("ec2:DescribeSnapshots", "Snapshots are waited for, and found again."),
    need("ec2:DescribeImages", "The image is waited for, and found again."),
    need("ec2:DescribeInstances", "The instance is waited for, and found again."),
    need("ec2:DescribeInstanceStatus", "Status checks say whether the machine lives."),
    need("ec2:DescribeVolumes", "Volumes of a job are found again."),
    need("ec2:GetConsoleOutput", "The console is evidence that the guest starts."),
    need("ec2:GetConsoleScreenshot", "So is a picture of it."),
    need("ebs:StartSnapshot", "Each disk becomes a snapshot.", direct),
    need("ebs:PutSnapshotBlock", "Its blocks are written.", direct),
    need("ebs:CompleteSnapshot", "It is finished.", direct),
    need("ebs:ListSnapshotBlocks", "Snapshots are read.", "as a backup's disks, or to read back what was written"),
    need("ebs:GetSnapshotBlock", "Snapshots are read.", "as a backup's disks, or to read back what was written"),
    need("s3:GetBucketLocation", "The bucket must be in the region.", imported),
    need("s3:ListBucket", "What a job has left in the bucket is found.", imported),
    need("s3:ListBucketMultipartUploads", "So is what was not completed.", imported),
    need("s3:PutObject", "Images of disks are uploaded.", imported),
    need("s3:ListMultipartUploadParts", "Parts that are there are not sent again.", imported),
    need("s3:AbortMultipartUpload", "What a failed restore has begun is given up.", imported),
    need("s3:GetObject", "Whether an image is there, and whole, is looked at.", imported),
    need("s3:DeleteObject", "An image goes once it is imported.", imported),
    need("ec2:ImportSnapshot", "Of an image a snapshot is made.", imported),
    need("ec2:DescribeImportSnapshotTasks", "The import is waited for.", imported),
    need("ec2:CreateTags", "Everything bears the mark of its job."),
    need("ec2:DeleteTags", "The mark comes off when the restore is finished."),
    need("ec2:RegisterImage", "An instance starts from an image."),
    need("ec2:ImportImage", "Windows with Amazon's licence comes of an import.", "where it is chosen"),
    need("ec2:DescribeImportImageTasks", "The import is waited for.", "where it is chosen"),
    need(
      "ec2:CancelImportTask", "What a failed restore has begun is given up.",
      imported + ", and where an image is imported"),
    need("ec2:CreateVolume", "Disks that are not imported are made by themselves.", "where an image is imported"),
    need("ec2:AttachVolume", "They are attached to the instance.", "where an image is imported"),
    need(
      "ec2:ModifyInstanceAttribute",
      "They end with it; and an instance whose type has no room any more when it is started gets the next one.",
      "where an image is imported, and where room is lacking"),
    need("ec2:RunInstances", "The machine is made."),
    need("ec2:DescribeNetworkInterfaces", "Whether addresses are free is looked at.", "where they are given"),
    need("iam:GetInstanceProfile", "Whether it is there is looked at.", "where one is chosen"),
    need("iam:PassRole", "The instance gets an instance profile.", "where one is chosen"),
    need("ec2:StartInstances", "It is started."),
    need("ec2:StopInstances", "It is stopped."),
    need("ec2:TerminateInstances", "What a failed restore has made is removed."),
    need("ec2:DeleteVolume", "What a failed restore has made is removed."),
    need("ec2:DeregisterImage", "The image goes when the restore is finished."),
    need("ec2:DeleteSnapshot", "Snapshots that are not kept are removed."),
    need("kms:ListAliases", "Keys to choose from.", "to list them"),
    need("kms:DescribeKey", "The key is looked at.", "where a key is chosen"),
    need("kms:CreateGrant", "Snapshots and volumes are encrypted.", "where a key is chosen"),
    need("kms:GenerateDataKeyWithoutPlaintext", "Snapshots and volumes are encrypted.", "where a key is chosen"),
    need("iam:ListInstanceProfiles", "Instance profiles to choose from.", "to list them"),
    need("pricing:GetProducts", "Prices; without it a built-in table is used.", "for prices of the day"),
  ]

  /// False for what only the other delivery needs.
  static func isRelevant(_ permission: CapabilityDocument.Permission, imports: Bool) -> Bool {
    permission.when != (imports ? direct : imported)
  }

  /// True for what every restore needs that is delivered so; false for what only some do.
  static func isNeeded(_ permission: CapabilityDocument.Permission, imports: Bool) -> Bool {
    permission.when?.hasPrefix(imports ? imported : direct) ?? true
  }

  private static func need(_ name: String, _ why: String, _ when: String? = nil) -> CapabilityDocument.Permission {
    CapabilityDocument.Permission(name: name, why: why, when: when)
  }
}
