import AWSClient
import AWSTestSupport
import ConnectorProtocol
import ConnectorTesting
import Foundation

@testable import AWSConnector

extension AWSServer {
  /// What boto3, another client than ours, finds or does: the lines of a Python program, which tells JSON.
  ///
  /// `ec2` and `boto(service)` are there.
  @discardableResult
  func boto(_ program: String) async throws -> JSONValue {
    let head = """
      import boto3, json
      def boto(service):
        return boto3.client(service, endpoint_url="\(url)", region_name="\(Self.region)",
          aws_access_key_id="\(keys.accessKeyId)", aws_secret_access_key="\(keys.secretAccessKey)")
      ec2 = boto("ec2")
      def tell(value): print(json.dumps(value, default=str))

      """
    let result = try await tool(Self.python, ["-c", head + program])
    guard result.code == 0 else { throw ChildFailure(result.error) }
    let text = result.output.isEmpty ? "null" : result.output
    return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }

  /// The SHA-256 of the disk that a snapshot's blocks make, as boto3 reads them.
  func digest(of snapshot: String, sizeBytes: Int64) async throws -> String {
    try await read("snapshot", snapshot, String(sizeBytes))["sha256"]?.stringValue ?? ""
  }

  /// How often an operation was asked for so far.
  func count(_ operation: String) async throws -> Int {
    try await operations().filter { $0.hasSuffix("." + operation) }.count
  }

  /// Identifiers of what there is. Of snapshots only those that a restore made: moto makes one for each image that is
  /// registered, and leaves it.
  func inventory() async throws -> JSONValue {
    var kinds = try await read("inventory").objectValue ?? [:]
    kinds["snapshots"] = try await boto(
      """
      tell(sorted(s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        if any(t["Key"] == "\(Mark.source)" for t in s.get("Tags", []))))
      """)
    return .object(kinds)
  }
}
