import Foundation
import Support
import Testing

/// A simulated vCenter (`scripts/make-vcsim`) over TLS, with a certificate of its own; it keeps what is uploaded.
final class VCenter: Sendable {
  static let program =
    ProcessInfo.processInfo.environment["ASCEND_TEST_VCSIM"] ?? Program.root + "/.build/vcsim/vcsim"
  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: program) }

  let folder: String
  let url: String
  private let process = Process()
  private let input = Pipe()

  /// - Parameter parent: The test's own folder: everything goes with it.
  init(in parent: String) async throws {
    folder = parent + "/vcenter"
    try FileManager.default.createDirectory(atPath: folder + "/uploads", withIntermediateDirectories: true)
    try await Tool.output(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=vcenter.test", "-addext",
        "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out", folder + "/cert.pem",
      ])
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = [
      "-stdin", "-cert", folder + "/cert.pem", "-key", folder + "/key.pem", "-uploads", folder + "/uploads",
      "-password",
      "the-password-of-the-vcenter",
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data([10]) {
      line += byte
    }
    url = String(decoding: line, as: UTF8.self)
    try #require(url.hasPrefix("https://"))
  }

  deinit {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.terminate() }
  }

  /// What has arrived, whole: images named by the digest of their bytes.
  var uploads: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/uploads")) ?? []).filter { $0.hasSuffix(".vmdk") }
      .sorted().map { folder + "/uploads/" + $0 }
  }

  /// Adds it to a program's targets.
  func add(to program: Program, _ name: String = "vcenter", password: String = "the-password-of-the-vcenter")
    async throws
  {
    let text = """
      url: \(url)
      username: administrator@vsphere.local
      password: \(password)
      caFile: \(folder)/cert.pem
      datastore: LocalDS_0
      """
    let file = program.folder + "/\(name).yaml"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try await program.run("targets", "add", name, "--platform", "vmware", "--config", file)
  }
}
