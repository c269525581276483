import ConnectorProtocol
import ConnectorTesting
import Connectors
import Foundation
import Glibc
import Support
import Testing

/// A host that is killed takes its connectors with it, whatever these think of that.
@Suite struct HostDeathTests {
  private static let folderVariable = "ASCEND_TEST_HOST_FOLDER"
  private static let folder = ProcessInfo.processInfo.environment[folderVariable]

  /// The host that is killed: this test program, started again for this one test.
  @Test(.enabled(if: folder != nil)) func actsAsHost() async throws {
    let root = try #require(Self.folder)
    let options = SessionOptions(workFolder: root + "/work", environment: ["PATH": "/usr/bin:/bin"])
    let installation = try ConnectorDirectory(searchPath: [root]).find("test")
    try await ConnectorSession.with(installation, options: options, events: RecordedEvents()) { _ in
      try await Task.sleep(for: .seconds(120))
    }
  }

  @Test(arguments: ["ok", "stubborn"]) func endsItsConnectors(mode: String) async throws {
    let connector = try TestConnector(mode: mode, graceMs: 500)
    defer { connector.remove() }
    let host = Process()
    host.executableURL = URL(fileURLWithPath: "/proc/self/exe")
    host.arguments = ["--testing-library", "swift-testing", "--filter", "actsAsHost"]
    host.environment = ProcessInfo.processInfo.environment.merging([Self.folderVariable: connector.root]) { $1 }
    host.standardOutput = FileHandle.nullDevice
    host.standardError = FileHandle.nullDevice
    try host.run()
    defer { host.waitForEnd() }

    try await wait("the connector to start") { !connector.processes().isEmpty }
    try await wait("its reaper to start") { connector.processes().first.map { reapers(of: $0) == 1 } ?? false }
    let pid = try #require(connector.processes().first)
    kill(host.processIdentifier, SIGKILL)
    try await wait("the connector to end") { connector.processes().isEmpty && reapers(of: pid) == 0 }
  }

  private func wait(_ what: String, until condition: () -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(30)
    while !condition() {
      try #require(ContinuousClock.now < limit, "waited too long for \(what)")
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func reapers(of pid: String) -> Int {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.count { process in
      guard let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return false }
      let words = String(decoding: data, as: UTF8.self).split(separator: "\0")
      return words.dropFirst(3).first == "ascend-reaper" && words.dropFirst(4).first == Substring(pid)
    }
  }
}
