import ConnectorTesting
import Foundation

/// `Fixtures/server.py`, with a certificate of an authority of its own. It ends with this object, or with the process.
final class TestServer: Sendable {
  static let shared = Result { try TestServer() }

  let url: String
  let secureURL: String
  /// PEM files in a folder that goes with the server: the authority's, and the server's own.
  let authority: String
  let certificate: String
  private let folder: String
  private let input: Pipe
  private let process: Process

  init() throws {
    folder = NSTemporaryDirectory() + "http-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    authority = folder + "/ca.pem"
    certificate = folder + "/server.pem"
    try Self.makeCertificates(folder)
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/server.py").path
    process.arguments = ["python3", script, certificate, folder + "/server.key"]
    input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var said = Data()
    while said.last != 0x0A, case let more = output.fileHandleForReading.availableData, !more.isEmpty { said += more }
    let line = String(decoding: said, as: UTF8.self)
    let ports = line.split { $0 == " " || $0 == "\n" }
    guard ports.count == 2 else { throw ServerFault(said: line) }
    url = "http://127.0.0.1:\(ports[0])"
    secureURL = "https://127.0.0.1:\(ports[1])"
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitForEnd()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static func makeCertificates(_ folder: String) throws {
    let extensions = folder + "/extensions"
    try Data("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n".utf8).write(to: URL(filePath: extensions))
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    try openssl(
      ["req", "-x509", "-days", "30", "-subj", "/CN=Test authority", "-keyout", folder + "/ca.key", "-out"]
        + [folder + "/ca.pem"] + key)
    try openssl(
      ["req", "-subj", "/CN=server", "-keyout", folder + "/server.key", "-out", folder + "/server.csr"] + key)
    try openssl([
      "x509", "-req", "-days", "30", "-in", folder + "/server.csr", "-CA", folder + "/ca.pem", "-CAkey",
      folder + "/ca.key", "-CAcreateserial", "-extfile", extensions, "-out", folder + "/server.pem",
    ])
  }

  /// `AB:CD:…`, as openssl prints it.
  func fingerprint(_ algorithm: String) throws -> String {
    let text = try Self.openssl(["x509", "-in", certificate, "-noout", "-fingerprint", "-" + algorithm])
    return String(text.split(separator: "=")[1].trimmingCharacters(in: .newlines))
  }

  @discardableResult
  private static func openssl(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    guard process.waitForEnd() == 0 else { throw CocoaError(.featureUnsupported) }
    return String(decoding: data, as: UTF8.self)
  }
}

/// What `/echo` answers.
struct Echo: Decodable {
  var method: String
  var path: String
  var length: Int
  var sha256: String
  var headers: [[String]]
  var port: Int

  func header(_ name: String) -> String? { headers.first { $0[0].lowercased() == name.lowercased() }?[1] }
}

/// Counts in tests.
actor Counter {
  private(set) var value = 0
  func add(_ count: Int = 1) { value += count }
}

struct ServerFault: Error {
  var said: String
}
