import ConnectorProtocol
import ConnectorTesting
import Foundation

/// govmomi's simulator of vCenter or ESXi, over TLS with a certificate made for the test; it keeps what is uploaded.
final class Simulator: Sendable {
  static let user = "administrator@vsphere.local"
  static let password = "pass-word of the vCenter"

  /// The checkout that this file is part of.
  static let root = (0..<6).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }.path
  static let program = ProcessInfo.processInfo.environment["ASCEND_TEST_VCSIM"] ?? root + "/.build/vcsim/vcsim"
  /// Of the test tools: with pyVmomi.
  static let python =
    ProcessInfo.processInfo.environment["ASCEND_TEST_PYTHON"] ?? root + "/.build/test-tools/bin/python"
  static let endpoints = root + "/Tests/Endpoints/vmware"

  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: program) }
  static var hasPython: Bool { FileManager.default.isExecutableFile(atPath: python) }

  let scratch: Scratch
  let url: String
  private let child: Child

  var certificate: String { scratch.file("cert.pem") }
  var key: String { scratch.file("key.pem") }
  var uploads: String { scratch.file("uploads") }

  init(esx: Bool = false) async throws {
    scratch = try Scratch()
    try FileManager.default.createDirectory(atPath: scratch.file("uploads"), withIntermediateDirectories: false)
    let made = try await tool(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=vcenter.test", "-addext",
        "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", scratch.file("key.pem"), "-out",
        scratch.file("cert.pem"),
      ])
    guard made.code == 0 else { throw ChildFailure(made.error) }
    child = try await Child.started(
      Self.program,
      [
        "-stdin", "-cert", scratch.file("cert.pem"), "-key", scratch.file("key.pem"), "-uploads",
        scratch.file("uploads"), "-user", Self.user, "-password", Self.password,
      ] + (esx ? ["-esx"] : []), log: scratch.file("vcsim.log"))
    url = child.greeting
  }

  /// The configuration of a target here, without its secrets.
  func connection(_ more: [String: JSONValue] = [:], url other: String? = nil) -> JSONValue {
    let members: [String: JSONValue] = [
      "url": .string(other ?? url), "username": .string(Self.user), "caFile": .string(certificate),
    ]
    return .object(members.merging(more) { _, new in new })
  }

  static let secrets = ["/password": password]

  /// What has been uploaded into imports, by the SHA-256 of its bytes.
  func upload(_ sha256: String) -> String { uploads + "/\(sha256).vmdk" }

  var uploadNames: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: uploads)) ?? []).filter { $0.hasSuffix(".vmdk") }.sorted()
  }

  /// What pyVmomi reads of a machine's hardware and of the inventory: another client than ours.
  func read(_ arguments: String...) async throws -> JSONValue {
    let result = try await tool(
      Self.python,
      [Self.endpoints + "/read_machine.py", url, Self.user, Self.password] + arguments)
    guard result.code == 0 else { throw ChildFailure(result.error) }
    return try JSONDecoder().decode(JSONValue.self, from: Data(result.output.utf8))
  }
}
