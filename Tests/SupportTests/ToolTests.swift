import Foundation
import Support
import Testing

@Suite struct ToolTests {
  @Test func returnsOutputErrorAndExitCode() async throws {
    let result = try await Tool.run("sh", ["-c", "echo out; echo first >&2; echo last >&2; exit 3"])
    #expect(result.exitCode == 3)
    #expect(String(decoding: result.standardOutput, as: UTF8.self) == "out\n")
    #expect(result.lastErrorLine == "last")
  }

  @Test func aFailureSaysTheToolsLastWords() async {
    await #expect {
      try await Tool.output("sh", ["-c", "echo 'no such image' >&2; exit 1"])
    } throws: { error in
      (error as? AscendError)?.code == "tool.failed" && (error as? AscendError)?.cause == "no such image"
    }
  }

  @Test func aMissingToolIsNamed() async {
    await #expect {
      try await Tool.run("ascend-no-such-tool", [])
    } throws: { error in
      (error as? AscendError)?.code == "tool.missing" && (error as? AscendError)?.object == "ascend-no-such-tool"
    }
  }

  @Test func aToolThatHangsIsEnded() async {
    let start = ContinuousClock.now
    await #expect {
      try await Tool.run("sh", ["-c", "sleep 60 & sleep 60"], limits: ToolLimits(wallSeconds: 0.3))
    } throws: { error in
      (error as? AscendError)?.code == "tool.timeout"
    }
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func cancellingTheTaskEndsTheTool() async {
    let start = ContinuousClock.now
    let task = Task { try await Tool.run("sleep", ["60"]) }
    try? await Task.sleep(for: .milliseconds(200))
    task.cancel()
    let result = await task.result
    #expect(throws: AscendError.self) { try result.get() }
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func limitsHoldTheTool() async throws {
    let result = try await Tool.run("sh", ["-c", "ulimit -n; ulimit -t"], limits: .probe)
    #expect(String(decoding: result.standardOutput, as: UTF8.self) == "256\n60\n")
  }

  @Test func tooMuchOutputIsAnError() async {
    await #expect {
      try await Tool.run("head", ["-c", "100000", "/dev/zero"], maxOutputBytes: 1000)
    } throws: { error in
      (error as? AscendError)?.code == "tool.outputTooLarge"
    }
  }
}
