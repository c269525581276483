extension Call {
  /// What the API calls a REST request, for messages: paths are not told, since they hold names and tokens.
  static func operationName(_ service: String, _ method: String, _ path: String, _ query: [(String, String)]) -> String
  {
    switch service {
    case "ebs": ebs(method, path)
    case "s3": s3(method, path, Set(query.map(\.0)))
    default: method
    }
  }

  private static func ebs(_ method: String, _ path: String) -> String {
    let parts = path.split(separator: "/")
    guard parts.first == "snapshots" else { return method }
    switch (method, parts.count) {
    case ("POST", 1): return "StartSnapshot"
    case ("POST", 3) where parts[1] == "completion": return "CompleteSnapshot"
    case ("PUT", 4) where parts[2] == "blocks": return "PutSnapshotBlock"
    case ("GET", 4) where parts[2] == "blocks": return "GetSnapshotBlock"
    case ("GET", 3) where parts[2] == "blocks": return "ListSnapshotBlocks"
    case ("GET", 3) where parts[2] == "changedblocks": return "ListChangedBlocks"
    default: return method
    }
  }

  private static func s3(_ method: String, _ path: String, _ query: Set<String>) -> String {
    let inBucket = path.split(separator: "/").count > 1
    switch method {
    case "POST" where query.contains("uploads"): return "CreateMultipartUpload"
    case "POST" where query.contains("uploadId"): return "CompleteMultipartUpload"
    case "PUT" where query.contains("uploadId"): return "UploadPart"
    case "DELETE" where query.contains("uploadId"): return "AbortMultipartUpload"
    case "GET" where query.contains("uploadId"): return "ListParts"
    case "GET" where query.contains("uploads"): return "ListMultipartUploads"
    case "GET" where query.contains("location"): return "GetBucketLocation"
    case "GET": return inBucket ? "GetObject" : path == "/" ? "ListBuckets" : "ListObjectsV2"
    case "HEAD": return inBucket ? "HeadObject" : "HeadBucket"
    case "PUT": return inBucket ? "PutObject" : "CreateBucket"
    case "DELETE": return inBucket ? "DeleteObject" : "DeleteBucket"
    default: return method
    }
  }
}
