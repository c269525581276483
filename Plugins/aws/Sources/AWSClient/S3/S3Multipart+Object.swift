import ConnectorHTTP
import Foundation

extension S3Multipart {
  /// Bytes of the object; nil where there is none.
  public func objectBytes() async throws(AWSError) -> Int64? {
    do {
      let response = try await api.rest(
        "s3", "HEAD", path, query: [], headers: [], body: Data(), retry: .standard)
      return response.headers["Content-Length"].flatMap { Int64($0) }
    } catch  where error.status == 404 {
      return nil
    }
  }

  /// Keys of the objects whose key begins with this one's.
  public func objects() async throws(AWSError) -> [String] {
    var found: [String] = []
    var token: String?
    repeat {
      var query = [("list-type", "2"), ("prefix", key)]
      if let token { query.append(("continuation-token", token)) }
      let response = try await api.rest(
        "s3", "GET", "/\(bucket)", query: query, headers: [], body: Data(), retry: .standard)
      guard let root = try? XMLReader.parse(response.body) else {
        throw .malformed("s3", "ListObjectsV2", "the answer is not XML that can be read", status: response.status)
      }
      found += root.all("Contents").compactMap { $0.string("Key") }
      let next = root.bool("IsTruncated") == true ? root.string("NextContinuationToken") : nil
      guard next == nil || next != token else { throw .malformed("s3", "ListObjectsV2", "the pages do not end") }
      token = next
    } while token != nil
    return found
  }

  /// Removes the object; none is as good.
  public func deleteObject() async throws(AWSError) {
    do {
      _ = try await api.rest("s3", "DELETE", path, query: [], headers: [], body: Data(), retry: .standard)
    } catch  where error.code == "NoSuchBucket" || error.code == "NoSuchKey" {}
  }

  /// The region that a bucket is in: import tasks take it only from their own.
  public func bucketRegion() async throws(AWSError) -> String {
    let response = try await api.rest(
      "s3", "GET", "/\(bucket)", query: [("location", "")], headers: [], body: Data(), retry: .standard)
    guard let root = try? XMLReader.parse(response.body) else {
      throw .malformed("s3", "GetBucketLocation", "the answer is not XML that can be read", status: response.status)
    }
    let text = root.name == "LocationConstraint" && !root.text.isEmpty ? root.text : root.string("LocationConstraint")
    // The oldest region has no name here, the second oldest one of its own.
    switch text {
    case nil, "": return "us-east-1"
    case "EU": return "eu-west-1"
    case let region?: return region
    }
  }
}
