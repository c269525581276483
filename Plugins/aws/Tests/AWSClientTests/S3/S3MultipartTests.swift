import AWSTestSupport
import ConnectorHTTP
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Synchronization
import Testing

@testable import AWSClient

@Suite(.enabled(if: AWSServer.isAvailable), .serialized) struct S3MultipartTests {
  private static let quick = AWSClientOptions(
    proxy: .none, retry: RetryPolicy(attempts: 5, base: .milliseconds(10), longest: .milliseconds(50)))
  private static let part: Int64 = 5 << 20

  /// Bytes that no two places share, in pieces of odd sizes.
  private func pieces(_ bytes: Int) -> AsyncStream<[UInt8]> {
    AsyncStream { continuation in
      var place = 0
      while place < bytes {
        let end = min(bytes, place + 777_777)
        continuation.yield((place..<end).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 ^ $0 >> 16) })
        place = end
      }
      continuation.finish()
    }
  }

  /// An upload that was begun in a bucket of its own.
  private func begun(
    _ key: String, tags: [(String, String)] = []
  ) async throws -> (AWSServer, S3Multipart, String) {
    let server = try await AWSServer(.strict)
    let client = server.client(Self.quick)
    _ = try await client.rest("s3", "PUT", "/imports")
    let upload = S3Multipart(client, bucket: "imports", key: key)
    return (server, upload, try await upload.create(tags: tags))
  }

  private func digest(_ bytes: Int) async -> String {
    var data = Data()
    for await piece in pieces(bytes) { data += piece }
    return SHA256.hex(data)
  }

  @Test(arguments: [(0, 16), (100 << 30, 16), (576 << 30, 66), (16 << 40, 1865)] as [(Int64, Int64)])
  func partsStayWithinTheirNumber(_ size: Int64, _ mebibytes: Int64) {
    let part = S3Multipart.partBytes(for: size)
    #expect(part == mebibytes << 20)
    #expect((size + part - 1) / part <= 9_000)
  }

  /// 12 MiB in parts of 5, two of which fail at first, each in memory and in files.
  @Test(arguments: [false, true])
  func anObjectIsUploaded(_ spooled: Bool) async throws {
    let (server, upload, id) = try await begun("job-1/disk 0.raw", tags: [("job", "1 = 2")])
    #expect(try await upload.pending() == [.init(key: "job-1/disk 0.raw", uploadId: id)])
    try await server.rules([
      ["match": "s3.UploadPart", "action": "error", "status": 503, "code": "SlowDown"],
      ["match": "s3.UploadPart", "action": "reset"],
    ])
    let bytes = (12 << 20) + 1
    // The threshold is for parts of gigabytes: a part that is larger takes the same way.
    let size = spooled ? S3PartSender.memoryPart + 1 : Self.part
    let sender = S3PartSender(upload, uploadId: id, partBytes: size, workFolder: server.scratch.path)
    let parts = try await sender.send(pieces(bytes))
    #expect(parts.map(\.number) == (spooled ? [1] : [1, 2, 3]))
    try await upload.complete(id, parts)
    #expect(try await upload.objectBytes() == Int64(bytes))
    let seen = try await server.read("object", "imports", "job-1/disk 0.raw")
    let expected = await digest(bytes)
    #expect(seen["sha256"]?.stringValue == expected)
    #expect(try await upload.pending().isEmpty)
    #expect(try await upload.bucketRegion() == "us-east-1")
    try await upload.deleteObject()
    #expect(try await upload.objectBytes() == nil)
    try await server.checkRequests()
  }

  /// Another process goes on from the parts that are there, without a byte twice.
  @Test func anUploadIsResumed() async throws {
    let (server, upload, id) = try await begun("disk")
    let sender = S3PartSender(upload, uploadId: id, partBytes: Self.part, parallel: 1)
    try await server.rules([
      ["match": "s3.UploadPart", "action": "error", "status": 403, "code": "AccessDenied", "skip": 2]
    ])
    let bytes = 17 << 20
    await #expect(throws: AWSError.self) { try await sender.send(pieces(bytes)) }
    let there = try await upload.parts(of: id)
    #expect(there.map(\.bytes) == [Self.part, Self.part])
    try await server.forgetRequests()
    let parts = try await sender.send(pieces(bytes), having: there)
    #expect(try await server.operations() == ["s3.UploadPart", "s3.UploadPart"])
    try await upload.complete(id, parts)
    let (seen, expected) = (try await server.read("object", "imports", "disk"), await digest(bytes))
    #expect(seen["sha256"]?.stringValue == expected)
  }

  /// What S3 has of other bytes, of another size or without a checksum is sent again, whatever its number.
  @Test func onlyPartsThatAreTheSameAreReused() async throws {
    let (server, upload, id) = try await begun("disk")
    let sender = S3PartSender(upload, uploadId: id, partBytes: Self.part)
    let bytes = 4 * Int(Self.part)
    var there = try await sender.send(pieces(bytes))
    there[0].checksum = nil
    there[1].bytes -= 1
    there[2].checksum = there[3].checksum
    try await server.forgetRequests()
    let parts = try await sender.send(pieces(bytes), having: there)
    #expect(parts.map(\.number) == [1, 2, 3, 4])
    #expect(try await server.operations() == ["s3.UploadPart", "s3.UploadPart", "s3.UploadPart"])
  }

  @Test func objectsAreFoundByTheBeginningOfTheirKeys() async throws {
    let (server, upload, id) = try await begun("job-1/disk0")
    for key in ["job-1/disk1", "job-1/disk2", "job-2/disk0"] {
      _ = try await server.client(Self.quick).rest("s3", "PUT", "/imports/" + key, body: Data("x".utf8))
    }
    let job = S3Multipart(server.client(Self.quick), bucket: "imports", key: "job-1/")
    #expect(try await job.objects() == ["job-1/disk1", "job-1/disk2"])
    #expect(try await job.pending() == [.init(key: "job-1/disk0", uploadId: id)])
    try await upload.abort(id)
    try await server.checkRequests()
  }

  /// An abort leaves nothing, as often as it is asked for; a completion may fail in the body of a 200.
  @Test func anUploadIsGivenUp() async throws {
    let (server, upload, id) = try await begun("disk")
    let part = try await S3PartSender(upload, uploadId: id, partBytes: Self.part).send(pieces(1000))
    try await server.rules([
      [
        "match": "s3.CompleteMultipartUpload", "action": "answer", "times": 0, "type": "application/xml",
        "body": "   <Error><Code>InternalError</Code><Message>try again</Message></Error>",
      ]
    ])
    let error = await #expect(throws: AWSError.self) { try await upload.complete(id, part) }
    #expect(error?.code == "InternalError")
    for _ in 0..<2 { try await upload.abort(id) }
    let left = try await server.read("inventory")
    #expect(left["uploads"] == [] && left["objects"] == [])
  }

  /// What arrives is not what was hashed: S3 refuses it.
  @Test func aWrongChecksumIsRefused() async throws {
    let (server, upload, id) = try await begun("disk")
    let error = await #expect(throws: AWSError.self) {
      try await upload.put(1, .bytes(Data("a".utf8)), bytes: 1, sha256: SHA256.hash(Data("b".utf8)), of: id)
    }
    #expect(error?.code == "BadDigest")
    withExtendedLifetime(server) {}
  }
}
