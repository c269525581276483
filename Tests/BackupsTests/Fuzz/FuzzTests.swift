import Foundation
import Support
import Testing

@testable import Backups
@testable import Disks

/// Damaged and hostile inputs for every reader: an answer or one clear error, no crash, no hang, and no file opened out
/// of the backup's folder.
///
/// `ASCEND_FUZZ_INPUTS` says how many inputs each gets (500), `ASCEND_FUZZ_SEED` which ones (1): the same seed makes the
/// same inputs. `ASCEND_FUZZ_READERS` names some of the readers, with semicolons between them. `make fuzz` runs many inputs.
@Suite(.serialized) struct FuzzTests {
  private static let inputs = number("ASCEND_FUZZ_INPUTS") ?? 500
  private static let seed = number("ASCEND_FUZZ_SEED") ?? 1
  /// Every so many of them qemu's tools are let at what our own code lets through.
  private static let withTools = 100
  private static let longest = Duration.seconds(120)

  private static let readers: [FuzzTarget] = {
    guard let names = ProcessInfo.processInfo.environment["ASCEND_FUZZ_READERS"], !names.isEmpty else {
      return FuzzTargets.all
    }
    return FuzzTargets.all.filter { names.split(separator: ";").contains($0.name[...]) }
  }()

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  @Test(.timeLimit(.minutes(60)), arguments: readers) func damagedInputs(_ target: FuzzTarget) async throws {
    let outside = try TestFolder()
    try await outside.disk("secret.vmdk", "vmdk")
    try outside.write("secret", Array("root:x:0:0".utf8))
    let folder = try TestFolder()
    let changed = try await target.prepare(folder)
    let sound = [UInt8](try Data(contentsOf: URL(fileURLWithPath: changed)))
    // The sound input is read: what follows does not fail for another reason.
    #expect(try await !target.read(changed, folder.path).isEmpty)
    let up = String(repeating: "../", count: 12)
    var mutator = FuzzMutator(
      random: TestRandom(seed: UInt64(Self.seed)),
      names: [
        outside("secret.vmdk"), outside("secret"), up + outside("secret").dropFirst(), "/etc/passwd", "..", ".",
        "json:{\"driver\":\"file\",\"filename\":\"\(outside("secret"))\"}", "nbd://127.0.0.1:1/x",
        "C:\\\\windows\\\\secret.vhdx", (changed as NSString).lastPathComponent, "%2e%2e%2f", "a\u{0}b", "é",
        String(repeating: "a", count: 300),
      ], isText: target.isText)
    let watch = try FuzzWatch(outside.path)
    var accepted = 0
    for input in 0..<Self.inputs {
      let bytes = mutator.mutate(sound)
      try Data(bytes).write(to: URL(fileURLWithPath: changed))
      let label: Comment = "\(target.name), seed \(Self.seed), input \(input)"
      let start = ContinuousClock.now
      do {
        let used = try await ImageTools.$areUsed.withValue(input % Self.withTools == 0) {
          try await target.read(changed, folder.path)
        }
        accepted += 1
        #expect(used.allSatisfy { $0.hasPrefix(folder.path + "/") }, label)
      } catch {
        #expect(error is AscendError, label)
      }
      #expect(ContinuousClock.now - start < Self.longest, label)
      #expect(watch.seen().isEmpty, label)
      // Others have tests to run as well.
      await Task.yield()
    }
    // Neither all refused nor all let through: the changes are neither too coarse nor too fine.
    #expect(accepted > 0 && accepted < Self.inputs, "\(target.name): \(accepted) of \(Self.inputs)")
  }

  @Test func theWatchSeesAnOpenedFile() throws {
    let folder = try TestFolder()
    try folder.write("secret", [1])
    let watch = try FuzzWatch(folder.path)
    #expect(watch.seen().isEmpty)
    _ = try folder.bytes("secret")
    #expect(watch.seen().contains { $0.hasPrefix("secret: ") && $0.contains("opened") })
  }
}
