import ConnectorKit
import ConnectorProtocol
import Testing

@testable import QEMUConnector

@Suite struct SettingsTests {
  @Test(
    arguments: [
      (["folder": "relative"], "/folder"), (["folder": 3], "/folder"), (["folder": "/a\nb"], "/folder"),
      (["accel": "warp"], "/accel"), (["accel": true], "/accel"), (["memoryLimit": "much"], "/memoryLimit"),
      (["memoryLimit": 1], "/memoryLimit"), (["memoryLimit": -5], "/memoryLimit"), (["a/b~": 1], "/a~1b~0"),
    ] as [(JSONValue, String)]) func `what is wrong is pointed at`(connection: JSONValue, pointer: String)
  {
    var found: [Diagnostic] = []
    _ = Settings(connection) { found.append($0) }
    #expect(found.map(\.at) == [pointer])
    #expect(throws: ConnectorError.self) { try Settings.read(connection) }
  }

  @Test func `what is right is read`() throws {
    let settings = try Settings.read(["folder": "/x", "accel": "tcg", "memoryLimit": "2GiB"])
    #expect(settings.folder == "/x")
    #expect(settings.accelerator == .tcg)
    #expect(settings.memoryLimit == 2 << 30)
    #expect(try Settings.read([:]).accelerator == .auto)
    #expect(try Settings.read([:]).machinesFolder(state: "/state") == "/state/machines")
    #expect(throws: ConnectorError.self) { try Settings.read([:]).machinesFolder(state: nil) }
  }

  @Test func `a live check finds QEMU, and a folder that cannot be`() async throws {
    let found = try await LiveCheck(settings: Settings(["accel": "tcg"]) { _ in }).run()
    #expect(found.contains { $0.code == "qemu.version" })
    let file = try await LiveCheck(settings: Settings(["folder": "/etc/passwd/x", "accel": "tcg"]) { _ in }).run()
    #expect(file.contains { $0.at == "/folder" && $0.severity == .blocker })
  }
}
