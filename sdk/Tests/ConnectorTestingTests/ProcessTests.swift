import ConnectorTesting
import Foundation
import Testing

@Suite struct ProcessTests {
  @Test func aToolTellsItsCodeAndItsOutput() async throws {
    let result = try await tool("sh", ["-c", "echo out; echo err >&2; exit 3"])
    #expect(result.code == 3)
    #expect(result.output == "out\n")
    #expect(result.error == "err\n")
    #expect(try await tool("/bin/true", []).code == 0)
  }

  @Test func aSignalIsTold() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sleep")
    process.arguments = ["60"]
    try process.run()
    kill(process.processIdentifier, SIGKILL)
    #expect(process.waitForEnd() == SIGKILL)
  }

  /// Whatever a program leaves running must not keep its test waiting.
  @Test func aToolEndsWithItsOwnProcess() async throws {
    let start = ContinuousClock.now
    #expect(try await tool("sh", ["-c", "sleep 30 & echo $!"]).code == 0)
    #expect(start.duration(to: .now) < .seconds(20))
  }

  @Test func aChildGreetsAndEndsWithItsTest() async throws {
    let scratch = try Scratch()
    let child = try await Child.started("/bin/sh", ["-c", "echo ready; cat"], log: scratch.file("log"))
    #expect(child.greeting == "ready")
    #expect(kill(child.processID, 0) == 0)
    child.end()
    await #expect(throws: ChildFailure.self) {
      try await Child.started("/bin/sh", ["-c", "echo no >&2"], log: scratch.file("log"))
    }
  }

  @Test func aScratchFolderGoesWithItsTest() throws {
    var path = ""
    do {
      let scratch = try Scratch("a b,c")
      path = scratch.path
      #expect(path.hasSuffix("/a b,c"))
      let file = try scratch.write("x", "text")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "text")
      #expect(scratch.names == ["x"])
      #expect(scratch.names(in: "none") == [])
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
