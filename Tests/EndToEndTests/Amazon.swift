import Foundation
import Support
import Testing

/// AWS on a port of this computer: moto, with its checks of signatures on (`Tests/Endpoints/aws/server.py`).
final class Amazon: Sendable {
  static let python =
    ProcessInfo.processInfo.environment["ASCEND_TEST_PYTHON"] ?? Program.root + "/.build/test-tools/bin/python"
  static let endpoints = Program.root + "/Tests/Endpoints/aws"
  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python) }

  let url: String
  let accessKeyId: String
  let secretAccessKey: String
  private let process = Process()
  private let input = Pipe()

  init() throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.python)
    process.arguments = [Self.endpoints + "/server.py", "moto"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data([10]) {
      line += byte
    }
    let said = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    url = try #require(said["url"] as? String)
    accessKeyId = try #require(said["accessKeyId"] as? String)
    secretAccessKey = try #require(said["secretAccessKey"] as? String)
  }

  deinit {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.terminate() }
  }

  /// Adds it to a program's targets.
  func add(to program: Program, _ name: String = "amazon", secret: String? = nil, more: String = "") async throws {
    let text = """
      region: us-east-1
      endpoint: \(url)
      accessKeyId: \(accessKeyId)
      secretAccessKey: \(secret ?? secretAccessKey)
      \(more)
      """
    let file = program.folder + "/\(name).yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try await program.run("targets", "add", name, "--platform", "aws", "--config", file)
  }

  /// What boto3, another client than the connector's, reads: `read_back.py` tells the commands.
  func read(_ arguments: String...) async throws -> [String: Any] {
    let output = try await Tool.output(
      Self.python, [Self.endpoints + "/read_back.py", url, accessKeyId, secretAccessKey] + arguments)
    return try #require(try JSONSerialization.jsonObject(with: output) as? [String: Any])
  }
}
