import Foundation
import Support
import Testing

/// The installed program, as a user runs it, with a state of its own.
final class Program: Sendable {
  /// The tree that `make build` leaves.
  static let tree = ProcessInfo.processInfo.environment["ASCEND_TREE"] ?? root + "/.build/ascend"
  /// The checkout that this file is part of.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: tree + "/bin/ascend") }

  let folder: String
  /// More folders of connectors to look in.
  let connectors: String?

  init(connectors: String? = nil) throws {
    folder = "/tmp/ascend-e2e-\(UUID().uuidString.prefix(8))"
    self.connectors = connectors
    try StateDirectory.makePrivate(folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var state: String { folder + "/state" }
  var machines: String { folder + "/machines" }

  struct Outcome: Sendable {
    var code: Int32
    var output: String
    var error: String

    /// The one document on standard output.
    func json() throws -> [String: Any] {
      let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
      return try #require(value as? [String: Any])
    }

    func list() throws -> [[String: Any]] {
      try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]])
    }

    /// The stable code of the error in the document.
    var errorCode: String? { ((try? json())?["error"] as? [String: Any])?["code"] as? String }
  }

  /// Runs `ascend` to its end.
  @discardableResult
  func run(_ arguments: String..., expecting code: Int32? = 0, location: SourceLocation = #_sourceLocation)
    async throws -> Outcome
  {
    try await run(arguments, expecting: code, location: location)
  }

  /// The same where no appliance can start: libguestfs is told of a QEMU that ends at once.
  func runWithoutAppliance(_ arguments: String..., location: SourceLocation = #_sourceLocation) async throws -> Outcome
  {
    try await run(arguments, environment: ["LIBGUESTFS_HV=/bin/false"], location: location)
  }

  @discardableResult
  func run(
    _ arguments: [String], expecting code: Int32? = 0, environment: [String] = [],
    location: SourceLocation = #_sourceLocation
  ) async throws -> Outcome {
    let result = try await Tool.run(
      "env", environment + [Self.tree + "/bin/ascend"] + all(arguments), limits: ToolLimits(wallSeconds: 900))
    let outcome = Outcome(
      code: result.exitCode, output: String(decoding: result.standardOutput, as: UTF8.self),
      error: result.standardError)
    if let code {
      #expect(
        outcome.code == code, "ascend \(arguments.joined(separator: " ")): \(outcome.error)", sourceLocation: location)
    }
    return outcome
  }

  /// Starts `ascend` and leaves it to run.
  func start(_ arguments: String...) throws -> Process { try start(arguments) }

  func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.tree + "/bin/ascend")
    process.arguments = all(arguments)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func all(_ arguments: [String]) -> [String] {
    var all = arguments + ["--state", state]
    if let connectors { all += ["--connectors", connectors] }
    return all
  }

  /// A target of the embedded platform whose machines lie in this program's folder.
  func addTarget(_ name: String = "here") async throws {
    let file = folder + "/\(name).yaml"
    try Data("folder: \(machines)\n".utf8).write(to: URL(fileURLWithPath: file))
    try await run("targets", "add", name, "--platform", "qemu", "--config", file)
  }

  /// What lies in the machines' folder.
  var leftovers: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: machines)) ?? []).sorted()
  }

  /// The processes that still belong to this program's folder: exports, connectors, machines.
  func processes() async throws -> [String] {
    let result = try await Tool.run("pgrep", ["-af", folder])
    return String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { !$0.contains("pgrep") }
  }
}
