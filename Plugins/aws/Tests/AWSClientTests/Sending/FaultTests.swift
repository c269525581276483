import AWSTestSupport
import ConnectorHTTP
import ConnectorProtocol
import Foundation
import Testing

@testable import AWSClient

/// What the client makes of services that refuse, break off, lie or take their time.
@Suite(.enabled(if: AWSServer.isAvailable), .serialized) struct FaultTests {
  private static let quick = AWSClientOptions(
    proxy: .none, retry: RetryPolicy(attempts: 4, base: .milliseconds(10), longest: .milliseconds(50)))

  private func regions(_ client: AWSClient, retry: AWSRetry = .standard) async throws -> Int {
    try await client.query("ec2", "DescribeRegions", version: "2016-11-15", [], retry: retry).items("regionInfo").count
  }

  @Test func whatPassesIsTriedAgain() async throws {
    let server = try await AWSServer(.strict)
    let client = server.client(Self.quick)
    let rules: [[String: JSONValue]] = [
      ["match": "ec2.", "action": "error", "status": 503, "code": "RequestLimitExceeded", "times": 2],
      ["match": "ec2.", "action": "error", "status": 400, "code": "Throttling", "times": 2],
      ["match": "ec2.", "action": "error", "status": 500, "code": "InternalError", "times": 2],
      ["match": "ec2.", "action": "reset", "times": 2], ["match": "ec2.", "action": "truncate", "times": 2],
      ["match": "ec2.", "action": "lost", "times": 2],
      ["match": "ec2.", "action": "answer", "status": 502, "body": "<html>Bad Gateway</html>"],
    ]
    for rule in rules {
      try await server.forgetRequests()
      try await server.rules([rule])
      #expect(try await regions(client) > 10, "\(rule)")
      let times = Int(rule["times"]?.integerValue ?? 1)
      #expect(try await server.operations().count == times + 1, "\(rule)")
    }
    // Nothing moves for too long: that is an answer which never came.
    var impatient = Self.quick
    impatient.timeouts = HTTPTimeouts(connect: .seconds(20), idle: .seconds(3))
    try await server.rules([["match": "ec2.", "action": "delay", "seconds": 20]])
    #expect(try await regions(server.client(impatient)) > 10)
  }

  @Test func everythingHasAnEnd() async throws {
    let server = try await AWSServer(.strict)
    let client = server.client(Self.quick)
    try await server.rules([
      ["match": "ec2.", "action": "error", "status": 503, "code": "RequestLimitExceeded", "times": 0]
    ])
    let throttled = await #expect(throws: AWSError.self) { try await regions(client) }
    #expect(throttled?.isThrottled == true && throttled?.code == "RequestLimitExceeded")
    #expect(throttled?.requestId == "r-1")
    #expect(try await server.operations().count == 4)
    // Whoever sends many at once sees each refusal.
    try await server.forgetRequests()
    await #expect(throws: AWSError.self) { try await regions(client, retry: .once) }
    #expect(try await server.operations().count == 1)
    try await server.rules([["match": "ec2.", "action": "reset", "times": 0]])
    let broken = await #expect(throws: AWSError.self) { try await regions(client) }
    #expect(broken?.code == AWSError.Codes.transport && broken?.transport?.kind == .interrupted)
    try await server.rules([["match": "ec2.", "action": "error", "status": 403, "code": "UnauthorizedOperation"]])
    try await server.forgetRequests()
    await #expect(throws: AWSError.self) { try await regions(client) }
    #expect(try await server.operations().count == 1)
  }

  @Test func answersThatCannotBeReadAreErrors() async throws {
    let server = try await AWSServer(.strict)
    let client = server.client(Self.quick)
    for body in ["<Answer>", "{\"a\": 1}", "", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "text", "\u{0}\u{1}"] {
      try await server.rules([
        ["match": "ec2.", "action": "answer", "status": 200, "body": .string(body), "type": "text/xml"]
      ])
      let error = await #expect(throws: AWSError.self) { try await regions(client) }
      #expect(error?.code == AWSError.Codes.malformedAnswer, "\(body)")
    }
  }

  @Test func anAnswerWithoutEndIsCutOff() async throws {
    let server = try await AWSServer(.strict)
    let client = server.client(Self.quick)
    let large = String(repeating: "<item>0123456789</item>", count: 1_600_000)
    try await server.rules([["match": "pricing.", "action": "answer", "body": .string("<a>\(large)</a>")]])
    let error = await #expect(throws: AWSError.self) {
      try await client.json("pricing", target: "AWSPriceListService.GetProducts", body: ["ServiceCode": "AmazonEC2"])
    }
    #expect(error?.code == AWSError.Codes.malformedAnswer)
    #expect(error?.message.contains("larger than") == true)
    withExtendedLifetime(server) {}
  }

  /// A clock that is twenty minutes slow: refused once, then corrected for all that follows.
  @Test func aWrongClockIsCorrected() async throws {
    let server = try await AWSServer(.strict)
    let client = server.client(Self.quick)
    try await server.configure(["clockOffset": 1200])
    #expect(try await regions(client, retry: .once) > 10)
    #expect(try await regions(client, retry: .once) > 10)
    #expect(try await server.operations().count == 3)
    #expect(client.clockOffset.map { abs($0.components.seconds - 1200) < 30 } == true)
  }

  @Test func aCancelledTaskEndsItsRequest() async throws {
    let server = try await AWSServer(.strict)
    let client = server.client(AWSClientOptions(proxy: .none))
    try await server.rules([["match": "ec2.", "action": "delay", "seconds": 30, "times": 0]])
    let begin = ContinuousClock.now
    let task = Task { try await regions(client) }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    let error = await #expect(throws: AWSError.self) { try await task.value }
    #expect(error?.isCancelled == true)
    #expect(.now - begin < .seconds(5))
    withExtendedLifetime(server) {}
  }

  @Test func certificatesAreChecked() async throws {
    let server = try await AWSServer(.strict, tls: true)
    var options = Self.quick
    let error = await #expect(throws: AWSError.self) { try await regions(server.client(options)) }
    #expect(error?.transport?.kind == .certificateUntrusted && error?.isRetryable == false)
    options.caFile = server.certificate
    #expect(try await regions(server.client(options)) > 10)
    // Over TLS blocks go unsigned, with their checksum in a header.
    let client = server.client(options)
    let started = try await client.rest("ebs", "POST", "/snapshots", body: Data("{\"VolumeSize\": 1}".utf8))
    let id = try #require(try JSONDecoder().decode(JSONValue.self, from: started.body)["SnapshotId"]?.stringValue)
    let block = Data(repeating: 7, count: 512 << 10)
    _ = try await client.rest(
      "ebs", "PUT", "/snapshots/\(id)/blocks/0",
      headers: [
        ("x-amz-data-length", "524288"), ("x-amz-checksum-algorithm", "SHA256"),
        ("x-amz-checksum", Data(SHA256.hash(block)).base64EncodedString()),
      ], body: block)
    let sent = try await server.requests().last
    #expect(sent?["headers"]?["x-amz-content-sha256"]?.stringValue == SigV4.unsignedPayload)
  }
}
