import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSClient

@Suite struct SigV4Tests {
  private static let example = AWSCredentials(
    accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
  /// 2026-01-02 03:04:05 UTC.
  private static let moment = Date(timeIntervalSince1970: 1_767_323_045)

  struct Vector: Sendable, CustomTestStringConvertible {
    var name: String
    var service: String
    var request: SigV4.Request
    var token: String?
    var signature: String
    var testDescription: String { name }
  }

  private static let vectors = [
    Vector(
      name: "a form of EC2, without the payload's header", service: "ec2",
      request: .init(
        method: "POST", host: "ec2.us-east-1.amazonaws.com", path: "/", query: [],
        headers: [("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
        payload: SHA256.hex(Data("Action=DescribeRegions&Version=2016-11-15".utf8)), sendsPayloadHash: false),
      signature: "c6176c01436eb7b4ccdb6b0b0d3cd6b387014541ac53c1827957657cbba9ce7c"),
    Vector(
      name: "a block of EBS, its body unsigned", service: "ebs",
      request: .init(
        method: "PUT", host: "ebs.us-east-1.amazonaws.com", path: "/snapshots/snap-0123456789abcdef0/blocks/7",
        query: [],
        headers: [
          ("content-type", "application/octet-stream"),
          ("x-amz-checksum", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), ("x-amz-checksum-algorithm", "SHA256"),
          ("x-amz-data-length", "524288"),
        ], payload: SigV4.unsignedPayload),
      signature: "84112e8e94c5550a79c3e64c0535473c445823c8b822335c72ec980637ddf331"),
    Vector(
      name: "a block that is read, with a session token", service: "ebs",
      request: .init(
        method: "GET", host: "ebs.us-east-1.amazonaws.com", path: "/snapshots/snap-0123456789abcdef0/blocks/7",
        query: [("blockToken", "AA+B/=")], headers: [], payload: SigV4.emptyPayload), token: "SESSIONTOKEN+/=",
      signature: "bc377a62a2cccee5011814d3d2c0d5f8163caa27f018342443da12c40f7c8b62"),
    Vector(
      name: "the end of a snapshot", service: "ebs",
      request: .init(
        method: "POST", host: "ebs.us-east-1.amazonaws.com", path: "/snapshots/completion/snap-0123456789abcdef0",
        query: [], headers: [("x-amz-changedblockscount", "3")], payload: SigV4.emptyPayload),
      signature: "1d935e911f39b6f66ea7ee6890a8a846b78f646212a86daf7024dbfad2373f18"),
    Vector(
      name: "a part of S3, its key encoded once", service: "s3",
      request: .init(
        method: "PUT", host: "bucket.s3.us-east-1.amazonaws.com",
        path: PercentEncoding.encode("/dir a/ü+b.raw", keepingSlashes: true),
        query: [("partNumber", "2"), ("uploadId", "a+b")], headers: [], payload: SHA256.hex(Data("hello".utf8))),
      signature: "387c5eeac5ad9782e0b7b92b3396241795b518ca31284b6e0ff83eaaecb9e199"),
    Vector(
      name: "a query without a value", service: "s3",
      request: .init(
        method: "POST", host: "bucket.s3.us-east-1.amazonaws.com", path: "/disk.raw", query: [("uploads", "")],
        headers: [], payload: SigV4.emptyPayload),
      signature: "d67c4c9e0688946f111cacb6c121028e308eb63b6cd285eba20264224e8758d7"),
  ]

  @Test(arguments: vectors)
  func knownSignaturesAreMade(_ vector: Vector) {
    var keys = Self.example
    keys.sessionToken = vector.token
    let headers = SigV4(service: vector.service, region: "us-east-1").headers(vector.request, keys, at: Self.moment)
    let authorization = headers.last { $0.0 == "Authorization" }?.1 ?? ""
    #expect(authorization.hasSuffix("Signature=\(vector.signature)"))
    #expect(headers.contains { $0 == ("x-amz-date", "20260102T030405Z") })
  }

  private struct Signed: Decodable {
    struct Keys: Decodable {
      var accessKeyId: String
      var secretAccessKey: String
      var sessionToken: String?
    }
    var service: String
    var region: String
    var method: String
    var host: String
    var path: String
    var query: [[String]]
    var headers: [[String]]
    var payload: String
    var time: Double
    var authorization: String
    var keys: Keys
  }

  /// Four hundred random requests to five services, with every character that encoding must get right.
  @Test(.enabled(if: AWSServer.isAvailable)) func botocoreSignsAlike() async throws {
    let made = try await tool(AWSServer.python, [AWSServer.endpoints + "/sign_corpus.py", "400"])
    try #require(made.code == 0, "\(made.error)")
    let corpus = try JSONDecoder().decode([Signed].self, from: Data(made.output.utf8))
    #expect(corpus.count == 400)
    for item in corpus {
      let keys = AWSCredentials(
        accessKeyId: item.keys.accessKeyId, secretAccessKey: item.keys.secretAccessKey,
        sessionToken: item.keys.sessionToken)
      let request = SigV4.Request(
        method: item.method, host: item.host, path: PercentEncoding.encode(item.path, keepingSlashes: true),
        query: item.query.map { ($0[0], $0[1]) }, headers: item.headers.map { ($0[0], $0[1]) }, payload: item.payload)
      let headers = SigV4(service: item.service, region: item.region)
        .headers(request, keys, at: Date(timeIntervalSince1970: item.time))
      #expect(headers.last?.1 == item.authorization, "\(item.service) \(item.method) \(item.path) \(item.query)")
    }
  }

  /// RFC 4231, cases 1, 2 and 6: a short key, a shorter one, and one longer than a block.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ])
  func macsAreKnown(_ key: [UInt8], _ message: String, _ mac: String) {
    #expect(SHA256.hex(HMAC.sha256(key: key, message.utf8)) == mac)
  }
}
