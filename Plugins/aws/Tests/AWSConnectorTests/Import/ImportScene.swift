import AWSTestSupport
import ConnectorKit
import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import AWSConnector

/// A restore by way of a bucket: a host whose target says so, a disk, and a plan.
struct ImportScene: Sendable {
  static let bucket = "restores"
  static let mebibyte = Images.mebibyte

  let cloud: AWSServer
  let host: TestHost
  let raw: String
  let export: Export
  let size: Int64
  let plan: PlanPreflight.Plan

  /// - Parameter mebibytes: Of random data, which no compression makes fewer.
  init(
    _ cloud: AWSServer, mebibytes: Int64 = 3, size: Int64 = 48 << 20, bytesPerSecond: Int? = nil
  ) async throws {
    self.cloud = cloud
    self.size = size
    try await Self.makeBucket(cloud)
    host = try await Self.host(cloud)
    raw = host.work.file("disk0.raw")
    try Images.make(raw, size: size, data: [(1, mebibytes)])
    export = try Export(raw, in: host.work, bytesPerSecond: bytesPerSecond)
    plan = try await host.plan(Requests.request(host.job, sizes: [size]))
    try await cloud.forgetRequests()
  }

  static func makeBucket(_ cloud: AWSServer) async throws {
    try await cloud.boto(
      """
      s3 = boto("s3")
      if not any(b["Name"] == "\(bucket)" for b in s3.list_buckets()["Buckets"]): s3.create_bucket(Bucket="\(bucket)")
      """)
  }

  static func host(
    _ cloud: AWSServer, job: JobID = JobID(TimeOrderedUUID.make()), state: Scratch? = nil
  ) async throws -> TestHost {
    try await TestHost(cloud, ["delivery": "import", "bucket": .string(bucket)], job: job, state: state)
  }

  /// Another process of the same job.
  func again() async throws -> TestHost { try await Self.host(cloud, job: host.job, state: host.state) }

  var source: DiskSource { TestHost.nbd(export, size: size) }

  func receive(
    on other: TestHost? = nil, checkpoint: String? = nil, readBack: Bool = true
  ) async throws -> DiskReceive.Result {
    try await (other ?? host).receive(plan, 0, source, checkpoint: checkpoint, readBack: readBack)
  }

  /// Sends `disk/receive`, and cancels it once an operation was asked for.
  func cancelled(after operation: String) async throws -> ConnectorError? {
    let request = try ConnectorHarness.operation(
      DiskReceive(op: TestHost.op, job: host.job, plan: plan, index: 0, target: [:], source: source))
    let id = try host.harness.send(request)
    let deadline = ContinuousClock.now + .seconds(60)
    while try await cloud.count(operation) == 0, .now < deadline { try await Task.sleep(for: .milliseconds(50)) }
    try host.harness.cancel(id)
    return try await host.harness.message(within: 60) { $0.id == id }.error
  }

  /// Parts that S3 took, by number, and how often.
  func parts() async throws -> [String: Int] {
    var found: [String: Int] = [:]
    for request in try await cloud.requests() where request["operation"] == "UploadPart" {
      guard request["status"] == 200, let query = request["query"]?.stringValue,
        let number = query.split(separator: "&").first(where: { $0.hasPrefix("partNumber=") })
      else { continue }
      found[String(number), default: 0] += 1
    }
    return found
  }

  /// SHA-256 of the disk.
  var digest: String { get throws { SHA256.hex(try Data(contentsOf: URL(filePath: raw))) } }

  /// Snapshots that VM Import has made and nobody has removed.
  static func imported(_ cloud: AWSServer) async throws -> JSONValue {
    try await cloud.boto(
      """
      tell(sorted(s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        if s["Description"].startswith("Created by AWS-VMImport")))
      """)
  }
}
