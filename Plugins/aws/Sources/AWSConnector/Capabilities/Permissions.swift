import ConnectorProtocol

/// What the account needs, each with its reason. The README holds them as a policy.
enum Permissions {
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
    need("ebs:StartSnapshot", "Each disk becomes a snapshot.", "with the ebs delivery"),
    need("ebs:PutSnapshotBlock", "Its blocks are written.", "with the ebs delivery"),
    need("ebs:CompleteSnapshot", "It is finished.", "with the ebs delivery"),
    need("ebs:ListSnapshotBlocks", "Snapshots are read.", "as a backup's disks, or to read back what was written"),
    need("ebs:GetSnapshotBlock", "Snapshots are read.", "as a backup's disks, or to read back what was written"),
    need("ec2:CreateTags", "Everything bears the mark of its job."),
    need("ec2:DeleteTags", "The mark comes off when the restore is finished."),
    need("ec2:RegisterImage", "An instance starts from an image."),
    need("ec2:ImportImage", "Windows with Amazon's licence comes of an import.", "where it is chosen"),
    need("ec2:DescribeImportImageTasks", "The import is waited for.", "where it is chosen"),
    need("ec2:CancelImportTask", "What a failed restore has begun is given up.", "where it is chosen"),
    need("ec2:RunInstances", "The machine is made."),
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
    need("pricing:GetProducts", "Prices; without it a built-in table is used."),
  ]

  private static func need(_ name: String, _ why: String, _ when: String? = nil) -> CapabilityDocument.Permission {
    CapabilityDocument.Permission(name: name, why: why, when: when)
  }
}
