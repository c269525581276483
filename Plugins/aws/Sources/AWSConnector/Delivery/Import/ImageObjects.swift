import AWSClient
import ConnectorProtocol

/// Where the images of a job's disks lie in the bucket, for as long as they are needed.
struct ImageObjects: Sendable {
  var api: any AWSAPI
  var bucket: String
  var job: JobID

  /// Everything of the job begins so.
  static func prefix(_ job: JobID) -> String { "\(mark)\(job.rawValue)-" }
  /// Whose they are. No slashes: simulators of S3 differ on how those are signed in a query.
  static let mark = "ascend-"

  private static func prefix(_ job: JobID, _ disk: Int) -> String { prefix(job) + "disk\(disk)-" }

  /// Of one content of a disk: another one goes to another place.
  ///
  /// - Parameter generation: `Receipt.name(of:)`.
  func image(_ disk: Int, _ generation: String) -> S3Multipart {
    S3Multipart(api, bucket: bucket, key: Self.prefix(job, disk) + generation + ".vmdk")
  }

  func at(_ key: String) -> S3Multipart { S3Multipart(api, bucket: bucket, key: key) }

  /// What begins with the prefix of the job, or of one of its disks.
  func all(_ disk: Int? = nil) -> S3Multipart { at(disk.map { Self.prefix(job, $0) } ?? Self.prefix(job)) }

  /// Gives up what the bucket holds of the job, or of one of its disks, but for one key.
  ///
  /// - Parameter gone: Is told of each thing that is there no more.
  func clear(
    _ disk: Int? = nil, except kept: String? = nil, gone: (_ kind: String, _ key: String, _ id: String) async -> Void
  ) async throws {
    for upload in try await all(disk).pending() where upload.key != kept {
      try await at(upload.key).abort(upload.uploadId)
      await gone(Resources.upload, upload.key, upload.uploadId)
    }
    for key in try await all(disk).objects() where key != kept {
      try await at(key).deleteObject()
      await gone(Resources.object, key, key)
    }
  }
}
