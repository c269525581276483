import Foundation
import Support
import Testing

@Suite struct StateDirectoryTests {
  @Test func optionThenVariableThenStandardPlaces() {
    let environment = ["ASCEND_STATE": "/var", "XDG_STATE_HOME": "/xdg", "HOME": "/home/a"]
    #expect(StateDirectory.resolve(option: "/opt/s", environment: environment) == "/opt/s")
    #expect(StateDirectory.resolve(option: nil, environment: environment) == "/var")
    #expect(StateDirectory.resolve(option: nil, environment: ["XDG_STATE_HOME": "/xdg"]) == "/xdg/ascend")
    #expect(StateDirectory.resolve(option: nil, environment: ["HOME": "/home/a"]) == "/home/a/.local/state/ascend")
  }

  @Test func isMadePrivate() throws {
    let path = NSTemporaryDirectory() + "state-\(UUID().uuidString)/deep"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try StateDirectory(path: path)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o700)
  }

  @Test func aFileInItsPlaceIsAnError() throws {
    let path = NSTemporaryDirectory() + "state-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect {
      try StateDirectory(path: path + "/x")
    } throws: { error in
      (error as? AscendError)?.code == "state.unwritable"
    }
  }
}
