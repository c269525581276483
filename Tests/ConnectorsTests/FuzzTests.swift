import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Connectors

/// What a connector brings with it and what it says, damaged in thousands of ways: an answer or one clear error, no crash,
/// no hang, and nothing that is run.
///
/// `ASCEND_FUZZ_INPUTS` says how many inputs each gets (500), `ASCEND_FUZZ_SEED` which ones (1), as for the readers of
/// backups.
@Suite(.serialized) struct FuzzTests {
  private static let inputs = number("ASCEND_FUZZ_INPUTS") ?? 500
  private static let seed = number("ASCEND_FUZZ_SEED") ?? 1
  private static let longest = Duration.seconds(30)

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  private func mutator(_ names: [String]) -> FuzzMutator {
    FuzzMutator(
      random: TestRandom(seed: UInt64(Self.seed)),
      names: names + ["..", "../test/connector", "/bin/sh", "\\u0000", "null", "[]", "{}", "true", "é"], isText: true)
  }

  @Test(.timeLimit(.minutes(60))) func documents() throws {
    let connector = try TestConnector()
    defer { connector.remove() }
    let witness = connector.root + "/ran"
    let program = connector.root + "/test/connector"
    try connector.write(Data("#!/bin/sh\ntouch \(witness)\n".utf8), to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let path = connector.root + "/test/connector.json"
    let sound = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var mutator = mutator(["connector", "test", "qcow2", "vmdk"])
    var accepted = 0
    for input in 0..<Self.inputs {
      try connector.write(Data(mutator.mutate(sound)), to: path)
      let start = ContinuousClock.now
      let (installations, problems) = connector.directory.discover()
      let label: Comment = "seed \(Self.seed), input \(input)"
      #expect(installations.count + problems.count == 1, label)
      #expect(installations.allSatisfy { $0.executable.hasPrefix(connector.root + "/test/") }, label)
      #expect(problems.allSatisfy { ["connector.invalid", "connector.untrusted"].contains($0.code) }, label)
      #expect(ContinuousClock.now - start < Self.longest, label)
      accepted += installations.count
    }
    #expect(accepted > 0 && accepted < Self.inputs)
    #expect(!FileManager.default.fileExists(atPath: witness))
  }

  /// A conversation of which one line at a time is damaged, cut into chunks that fall anywhere.
  @Test(.timeLimit(.minutes(60))) func messages() {
    let sound = [
      #"{"jsonrpc":"2.0","id":1,"result":{"protocol":"1","capabilities":{"formats":["raw"],"size":9007199254740993}}}"#,
      #"{"jsonrpc":"2.0","method":"$/progress","params":{"op":"o","phase":"p","seq":1,"done":1,"unit":"bytes"}}"#,
      #"{"jsonrpc":"2.0","method":"$/ledger","params":{"seq":1,"op":"o","event":"intend","resource":{"kind":"disk","name":"d"}}}"#,
      #"{"jsonrpc":"2.0","method":"$/checkpoint","params":{"op":"o","seq":1,"token":"abc","through":1}}"#,
      #"{"jsonrpc":"2.0","method":"$/log","params":{"level":"info","message":"hello"}}"#,
      #"{"jsonrpc":"2.0","id":2,"error":{"code":1301,"message":"m","data":{"reason":"notFound"}}}"#,
    ].map { Array($0.utf8) }
    var whole = MachineRun()
    _ = whole.call("disk/receive", op: "o")
    _ = whole.call("ping")
    for line in sound { whole.on(.line(Data(line))) }
    #expect(whole.machine.fault == nil, "\(whole.machine.fault?.cause ?? "")")
    var mutator = mutator(["ping", "$/ack", "initialize", "-32700", "1005"])
    var ended = 0
    for input in 0..<Self.inputs {
      var run = MachineRun()
      _ = run.call("disk/receive", op: "o")
      _ = run.call("ping")
      var bytes: [UInt8] = []
      for (place, line) in sound.enumerated() {
        bytes += place == input % sound.count ? mutator.mutate(line) : line
        bytes.append(0x0a)
      }
      var splitter = LineSplitter(limit: MessageLimits.defaultMaxMessageBytes)
      let start = ContinuousClock.now
      var rest = bytes[...]
      while !rest.isEmpty {
        let chunk = Data(rest.prefix(Int.random(in: 1...200, using: &mutator.random)))
        rest = rest.dropFirst(chunk.count)
        for line in chunk.withUnsafeBytes({ splitter.append($0) }) { run.on(event(line)) }
      }
      let label: Comment = "seed \(Self.seed), input \(input)"
      #expect(ContinuousClock.now - start < Self.longest, label)
      // Once it broke the rules nothing that it says counts, and nobody is left waiting.
      if run.machine.fault != nil {
        ended += 1
        #expect(run.machine.calls.isEmpty, label)
        #expect(run.answer(1).isEmpty, label)
      }
    }
    #expect(ended > 0 && ended < Self.inputs)
  }

  private func event(_ line: LineSplitter.Line) -> SessionMachine.Event {
    switch line {
    case .whole(let data): .line(data)
    case .oversized: .oversizedLine
    }
  }
}
