import AWSClient
import ConnectorProtocol

extension Failure {
  struct Meaning {
    var reason: ErrorReason
    var remedy: String
  }

  private static let table: [String: Meaning] = [
    "UnauthorizedOperation": Meaning(reason: .permissionDenied, remedy: policy),
    "AccessDenied": Meaning(reason: .permissionDenied, remedy: policy),
    "AccessDeniedException": Meaning(reason: .permissionDenied, remedy: policy),
    "OptInRequired": Meaning(
      reason: .permissionDenied, remedy: "Enable the region, or subscribe to the service, in this account."),
    "Blocked": Meaning(reason: .permissionDenied, remedy: "AWS has blocked this account: ask its support."),
    "InvalidClientTokenId": Meaning(reason: .unauthenticated, remedy: keys),
    "UnrecognizedClientException": Meaning(reason: .unauthenticated, remedy: keys),
    "InvalidAccessKeyId": Meaning(reason: .unauthenticated, remedy: keys),
    "AuthFailure": Meaning(reason: .unauthenticated, remedy: keys),
    "SignatureDoesNotMatch": Meaning(reason: .unauthenticated, remedy: keys),
    "InvalidSignatureException": Meaning(reason: .unauthenticated, remedy: keys),
    "MissingAuthenticationToken": Meaning(reason: .unauthenticated, remedy: keys),
    AWSError.Codes.noCredentials: Meaning(
      reason: .unauthenticated,
      remedy: "Set `accessKeyId` and `secretAccessKey`, or `profile`, or run where an instance or container role is."),
    "ExpiredToken": Meaning(reason: .credentialsExpired, remedy: expired),
    "ExpiredTokenException": Meaning(reason: .credentialsExpired, remedy: expired),
    "RequestExpired": Meaning(reason: .credentialsExpired, remedy: expired),
    "VcpuLimitExceeded": Meaning(
      reason: .quotaExceeded,
      remedy: "Ask for a higher quota of running vCPUs of this family (Service Quotas, EC2), or choose a smaller type."),
    "InstanceLimitExceeded": Meaning(
      reason: .quotaExceeded, remedy: "Ask for a higher quota of instances, or stop some."),
    "VolumeLimitExceeded": Meaning(
      reason: .quotaExceeded, remedy: "Ask for a higher quota of volume storage, or delete volumes."),
    "MaxIOPSLimitExceeded": Meaning(
      reason: .quotaExceeded, remedy: "Ask for a higher quota of provisioned IOPS, or ask for fewer."),
    "SnapshotLimitExceeded": Meaning(
      reason: .quotaExceeded, remedy: "Ask for a higher quota of snapshots, or delete some."),
    "ResourceLimitExceeded": Meaning(reason: .quotaExceeded, remedy: quota),
    "ServiceQuotaExceededException": Meaning(reason: .quotaExceeded, remedy: quota),
    "ConcurrentLimitExceededException": Meaning(reason: .quotaExceeded, remedy: quota),
    "PendingSnapshotLimitExceeded": Meaning(reason: .quotaExceeded, remedy: quota),
    "AddressLimitExceeded": Meaning(reason: .quotaExceeded, remedy: quota),
    "NetworkInterfaceLimitExceeded": Meaning(reason: .quotaExceeded, remedy: quota),
    "AttachmentLimitExceeded": Meaning(
      reason: .mappingInvalid, remedy: "Choose an instance type that takes so many disks and network interfaces."),
    "InsufficientInstanceCapacity": Meaning(
      reason: .capacityExhausted, remedy: "Choose another instance type, or a subnet in another zone; or retry later."),
    "InsufficientHostCapacity": Meaning(
      reason: .capacityExhausted, remedy: "Choose another dedicated host, or shared tenancy."),
    "InsufficientFreeAddressesInSubnet": Meaning(
      reason: .capacityExhausted, remedy: "Choose a subnet with free addresses."),
    "InsufficientVolumeCapacity": Meaning(
      reason: .capacityExhausted, remedy: "Choose another volume type or zone, or retry later."),
    "InvalidIPAddress.InUse": Meaning(
      reason: .mappingInvalid, remedy: "Choose a private address that nobody has, or leave it to EC2."),
    "Unsupported": Meaning(
      reason: .mappingInvalid, remedy: "Choose another instance type or a subnet in another zone."),
    "InvalidAMIName.Duplicate": Meaning(reason: .existsIncompatible, remedy: "Deregister that image, and retry."),
    "IdempotentParameterMismatch": Meaning(
      reason: .operationConflict, remedy: "Roll this restore back, and plan again."),
    "ConflictException": Meaning(reason: .operationConflict, remedy: "Roll this restore back, and plan again."),
    AWSError.Codes.malformedAnswer: Meaning(
      reason: .platformUnavailable,
      remedy: "Check the endpoint: what answers there does not speak as this service does. A proxy may have answered."),
    AWSError.Codes.importFailed: Meaning(
      reason: .platformTaskFailed,
      remedy: "Put right what VM Import says, and restore again: the image in the bucket is used again."),
    AWSError.Codes.importTimeout: Meaning(
      reason: .platformUnavailable, remedy: "Retry: the import is followed from where it is."),
    "NoSuchBucket": Meaning(
      reason: .notFound, remedy: "Set the target's `bucket` to one in this region, or its `delivery` to ebs."),
    "PermanentRedirect": Meaning(
      reason: .mappingInvalid, remedy: "The bucket is in another region: choose one in the target's."),
    "AuthorizationHeaderMalformed": Meaning(
      reason: .mappingInvalid, remedy: "The bucket is in another region: choose one in the target's."),
    "InvalidKMSKey.InvalidState": Meaning(reason: .mappingInvalid, remedy: "Enable the KMS key, or choose another."),
  ]

  private static let policy = "Give the account this permission; the README holds the whole policy."
  private static let keys = "Check the access key and its secret; the clock of this computer must be right, too."
  private static let expired = "Get new temporary keys, and open the target again."
  /// Said of a role by the calls that begin an import, as an invalid parameter.
  private static let role = Meaning(
    reason: .permissionDenied,
    remedy:
      "Make the role vmimport as the README tells: VM Import takes it to read the bucket and to make snapshots and images."
  )
  /// Said of an instance profile by RunInstances, as an invalid parameter.
  private static let profile = Meaning(
    reason: .mappingInvalid, remedy: "Choose an instance profile that `inventory instanceProfile` lists.")
  private static let quota = "Ask for a higher quota (Service Quotas), or wait until less is underway."

  /// Keys that a profile has by other ways than by themselves.
  private static let ways: [String: Meaning] = [
    "sso": Meaning(
      reason: .credentialsExpired,
      remedy: "Log in with `aws sso login` on this computer, as the user that the connector runs as."),
    "process": Meaning(
      reason: .unauthenticated,
      remedy: "Run the profile's `credential_process` by hand, as the user that the connector runs as."),
  ]

  static func meaning(_ error: AWSError) -> Meaning {
    if error.service == "credentials", let way = ways[error.operation] { return way }
    if let known = table[error.code] { return known }
    if error.message.contains("service role") { return role }
    if error.message.lowercased().contains("iam instance profile") { return profile }
    if error.isExpired { return Meaning(reason: .credentialsExpired, remedy: expired) }
    if error.isThrottled {
      return Meaning(reason: .rateLimited, remedy: "Retry; let fewer restores run at once in this account.")
    }
    if error.isRetryable || error.status >= 500 {
      return Meaning(reason: .platformUnavailable, remedy: "Retry; look at the AWS health dashboard.")
    }
    if error.code.hasSuffix(".NotFound") || error.code == "ResourceNotFoundException" || error.code == "NoSuchEntity" {
      return Meaning(reason: .notFound, remedy: "It is not there in this region: choose another, and plan again.")
    }
    if error.status == 403 { return Meaning(reason: .permissionDenied, remedy: policy) }
    if error.status == 401 { return Meaning(reason: .unauthenticated, remedy: keys) }
    if error.code.contains("KMS") || error.code.contains("Kms") {
      return Meaning(reason: .mappingInvalid, remedy: "Check the KMS key, and that this account may use it.")
    }
    return Meaning(reason: .platformTaskFailed, remedy: "Put right what AWS says, and retry.")
  }
}
