import ConnectorProtocol
import ConnectorTesting
import Foundation

/// The proxy that breaks things, before a simulator; it also checks the order of all that is sent.
final class Proxy: Sendable {
  let url: String
  private let child: Child
  private let certificate: String

  init(_ simulator: Simulator) async throws {
    child = try await Child.started(
      Simulator.python, [Simulator.endpoints + "/proxy.py", simulator.url, simulator.certificate, simulator.key],
      log: simulator.scratch.file("proxy.log"))
    url = child.greeting
    certificate = simulator.certificate
  }

  struct Log: Decodable, Sendable {
    var calls: [String]
    /// Elements that came where the API has none.
    var orders: [String]
  }

  func rules(_ rules: [[String: JSONValue]]) async throws {
    let text = String(decoding: try CanonicalJSON.encode(rules), as: UTF8.self)
    _ = try await curl("/-/rules", ["--data-binary", text])
  }

  func log() async throws -> Log {
    try JSONDecoder().decode(Log.self, from: Data(try await curl("/-/log", []).utf8))
  }

  private func curl(_ path: String, _ more: [String]) async throws -> String {
    let result = try await tool("curl", ["-sS", "--fail", "--cacert", certificate] + more + [url + path])
    guard result.code == 0 else { throw ChildFailure(result.error) }
    return result.output
  }
}
