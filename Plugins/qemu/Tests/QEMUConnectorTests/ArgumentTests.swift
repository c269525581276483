import Foundation
import Testing

@testable import QEMUConnector

@Suite struct ArgumentTests {
  static let nasty = [
    "plain", "", "a b", "it's", "$(touch /tmp/x)", "`id`", "a\"b", "a\\b", "a;b|c&d", "*?[x]", "-n", "ä€😀", "a\nb",
    "'; rm -rf /; '",
  ]

  @Test(arguments: nasty) func `a shell gives back what was quoted`(text: String) async throws {
    let said = try await tool("bash", "-c", "printf %s " + Argument.quote(text))
    #expect(String(decoding: said.output, as: UTF8.self) == text)
  }

  @Test func `commas in values are doubled`() {
    let argument = Argument.option([("format", "raw")], file: ("file", "disk0.raw"))
    #expect(argument.resolved(in: "/a,b") == "file=/a,,b/disk0.raw,format=raw")
    #expect(Argument.option("head", [("name", "x,y=z")]).resolved(in: "/") == "head,name=x,,y=z")
  }

  @Test func `the folder stays open in a script`() {
    let argument = Argument.option([("format", "raw")], file: ("file", "disk0.raw"))
    #expect(argument.shellWord == "file=\"$option\"/disk0.raw,format=raw")
    #expect(Argument(.folder, .text("/qemu.pid")).shellWord == "\"$here\"/qemu.pid")
  }
}
