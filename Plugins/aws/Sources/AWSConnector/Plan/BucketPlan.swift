import AWSClient
import ConnectorKit
import ConnectorProtocol

/// The bucket that disks pass through on their way by VM Import.
struct BucketPlan: Sendable {
  var account: Account

  /// VM Import reads buckets of its own region only.
  func check(_ findings: inout Findings) async throws {
    guard account.settings.delivery == .import, let bucket = account.settings.bucket else { return }
    let region = account.settings.region
    do {
      let found = try await S3Multipart(account.api, bucket: bucket, key: "").bucketRegion()
      guard found != region else { return }
      block("bucket.region", "Bucket '\(bucket)' is in \(found), and not in \(region).", &findings)
    } catch {
      try refused(error, bucket, &findings)
    }
  }

  private func refused(_ error: AWSError, _ bucket: String, _ findings: inout Findings) throws {
    if error.code == "NoSuchBucket" {
      return block("bucket.unknown", "There is no bucket '\(bucket)'.", &findings)
    }
    if error.code == "PermanentRedirect" || error.code == "AuthorizationHeaderMalformed" {
      return block("bucket.region", "Bucket '\(bucket)' is in another region.", &findings)
    }
    guard Failure.meaning(error).reason == .permissionDenied else {
      throw try Failure.error(error, doing: "Looking at bucket '\(bucket)'", outcome: .none)
    }
    findings.warn(
      "bucket.unchecked", "Whether bucket '\(bucket)' can be used is not known: s3:GetBucketLocation is not allowed.",
      at: "/connection/bucket", action: "Allow it, or make sure that the bucket is in \(account.settings.region).")
  }

  private func block(_ code: String, _ summary: String, _ findings: inout Findings) {
    findings.block(
      code, summary, at: "/connection/bucket",
      action: "Set the target's `bucket` to one in \(account.settings.region), or its `delivery` to ebs.")
  }
}
