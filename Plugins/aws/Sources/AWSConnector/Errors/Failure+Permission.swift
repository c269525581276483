import AWSClient

extension Failure {
  /// The right of IAM that a refused call needs: S3 has other words for rights than for calls.
  static func permission(_ error: AWSError) -> String {
    guard error.service == "s3" else { return "\(error.service):\(error.operation)" }
    switch error.operation {
    case "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload": return "s3:PutObject"
    case "ListParts": return "s3:ListMultipartUploadParts"
    case "ListMultipartUploads": return "s3:ListBucketMultipartUploads"
    case "ListObjectsV2": return "s3:ListBucket"
    case "HeadObject": return "s3:GetObject"
    default: return "s3:\(error.operation)"
    }
  }
}
