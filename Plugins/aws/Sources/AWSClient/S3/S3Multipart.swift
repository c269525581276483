import ConnectorHTTP
import Foundation

/// An object that is uploaded in parts: they can be sent side by side, again, and by another process than the first.
public struct S3Multipart: Sendable {
  /// A part that S3 has.
  public struct Part: Hashable, Sendable {
    /// From 1.
    public var number: Int
    public var etag: String
    public var bytes: Int64
    /// SHA-256, base64, as S3 verified it.
    public var checksum: String?

    public init(number: Int, etag: String, bytes: Int64, checksum: String?) {
      self.number = number
      self.etag = etag
      self.bytes = bytes
      self.checksum = checksum
    }
  }

  /// An upload that was begun and neither completed nor aborted.
  public struct Pending: Hashable, Sendable {
    public var key: String
    public var uploadId: String
  }

  public static let mostParts = 10_000
  /// Small enough that the few parts in memory stay few bytes, and that an interruption costs little.
  static let smallestPart: Int64 = 16 << 20

  public let bucket: String
  public let key: String
  let api: any AWSAPI

  public init(_ api: any AWSAPI, bucket: String, key: String) {
    self.api = api
    self.bucket = bucket
    self.key = key
  }

  var path: String { "/\(bucket)/\(key)" }

  /// Bytes of each part but the last, so that an object of `size` bytes stays well below the number of parts that S3
  /// takes.
  public static func partBytes(for size: Int64) -> Int64 {
    let mebibyte: Int64 = 1 << 20
    let needed = (max(0, size) + 8_999) / 9_000
    return max(smallestPart, (needed + mebibyte - 1) / mebibyte * mebibyte)
  }

  /// Begins an upload.
  ///
  /// - Returns: Its id, which is in no other answer but the list of what is pending.
  public func create(tags: [(String, String)] = [], kmsKeyId: String? = nil) async throws(AWSError) -> String {
    var headers = [("x-amz-checksum-algorithm", "SHA256"), ("content-type", "application/octet-stream")]
    if !tags.isEmpty { headers.append(("x-amz-tagging", PercentEncoding.form(tags))) }
    if let kmsKeyId {
      headers.append(("x-amz-server-side-encryption", "aws:kms"))
      headers.append(("x-amz-server-side-encryption-aws-kms-key-id", kmsKeyId))
    }
    let root = try await document("POST", "CreateMultipartUpload", query: [("uploads", "")], headers: headers)
    guard let id = root.string("UploadId") else {
      throw .malformed("s3", "CreateMultipartUpload", "the answer has no upload id")
    }
    return id
  }

  /// Sends one part; the same number again replaces it. `sha256` is that of the body.
  public func put(
    _ number: Int, _ body: AWSBody, bytes: Int64, sha256: [UInt8], of uploadId: String
  ) async throws(AWSError) -> Part {
    let checksum = Data(sha256).base64EncodedString()
    let response = try await api.rest(
      "s3", "PUT", path, query: [("partNumber", "\(number)"), ("uploadId", uploadId)],
      headers: [("x-amz-checksum-sha256", checksum), ("content-type", "application/octet-stream")], body: body,
      retry: .standard)
    guard let etag = response.headers["ETag"], !etag.isEmpty else {
      throw .malformed("s3", "UploadPart", "the answer has no ETag", status: response.status)
    }
    return Part(number: number, etag: etag, bytes: bytes, checksum: checksum)
  }

  /// The parts that S3 has, by number: what a new process goes on from.
  public func parts(of uploadId: String) async throws(AWSError) -> [Part] {
    var parts: [Part] = []
    var marker: String?
    repeat {
      var query = [("uploadId", uploadId)]
      if let marker { query.append(("part-number-marker", marker)) }
      let root = try await document("GET", "ListParts", query: query)
      for part in root.all("Part") {
        guard let number = part.int("PartNumber"), (1...Int64(Self.mostParts)).contains(number),
          let etag = part.string("ETag"), let bytes = part.int("Size")
        else { throw .malformed("s3", "ListParts", "a part lacks its number, ETag or size") }
        parts.append(Part(number: Int(number), etag: etag, bytes: bytes, checksum: part.string("ChecksumSHA256")))
      }
      let next = root.bool("IsTruncated") == true ? root.string("NextPartNumberMarker") : nil
      guard next == nil || next != marker, parts.count <= Self.mostParts else {
        throw .malformed("s3", "ListParts", "the pages do not end")
      }
      marker = next
    } while marker != nil
    return parts.sorted { $0.number < $1.number }
  }

  /// Makes the object out of its parts.
  public func complete(_ uploadId: String, _ parts: [Part]) async throws(AWSError) {
    let list = parts.sorted { $0.number < $1.number }.map { part in
      let checksum = part.checksum.map { "<ChecksumSHA256>\($0)</ChecksumSHA256>" } ?? ""
      return "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(XMLText.escape(part.etag))</ETag>\(checksum)</Part>"
    }
    let body = """
      <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\(list.joined())\
      </CompleteMultipartUpload>
      """
    _ = try await api.rest(
      "s3", "POST", path, query: [("uploadId", uploadId)], headers: [("content-type", "application/xml")],
      body: Data(body.utf8), retry: .standard)
  }

  /// Gives up an upload and its parts, which cost money until then; one that is not there is none to give up.
  public func abort(_ uploadId: String) async throws(AWSError) {
    do {
      _ = try await api.rest(
        "s3", "DELETE", path, query: [("uploadId", uploadId)], headers: [], body: Data(), retry: .standard)
    } catch  where error.code == "NoSuchUpload" || error.code == "NoSuchBucket" {}
  }

  /// Uploads underway whose key begins with this one's: what a crash in the instant of `create` leaves behind.
  public func pending() async throws(AWSError) -> [Pending] {
    var found: [Pending] = []
    var markers: [(String, String)] = []
    repeat {
      let query = [("uploads", ""), ("prefix", key)] + markers
      let root = try await document("GET", "ListMultipartUploads", query: query, path: "/\(bucket)")
      for upload in root.all("Upload") {
        guard let key = upload.string("Key"), let id = upload.string("UploadId") else {
          throw .malformed("s3", "ListMultipartUploads", "an upload lacks its key or id")
        }
        found.append(Pending(key: key, uploadId: id))
      }
      let last = markers.map(\.1)
      markers = []
      if root.bool("IsTruncated") == true, let key = root.string("NextKeyMarker") {
        markers = [("key-marker", key), ("upload-id-marker", root.string("NextUploadIdMarker") ?? "")]
      }
      guard markers.isEmpty || markers.map(\.1) != last else {
        throw .malformed("s3", "ListMultipartUploads", "the pages do not end")
      }
    } while !markers.isEmpty
    return found
  }

  private func document(
    _ method: String, _ operation: String, query: [(String, String)], headers: [(String, String)] = [],
    path: String? = nil
  ) async throws(AWSError) -> XMLElement {
    let response = try await api.rest(
      "s3", method, path ?? self.path, query: query, headers: headers, body: Data(), retry: .standard)
    do {
      return try XMLReader.parse(response.body)
    } catch {
      throw .malformed("s3", operation, "the answer is not XML that can be read: \(error)", status: response.status)
    }
  }
}
