import Foundation
import Testing

@testable import Support

@Suite struct ScratchTests {
  @Test func leavingsOfDeadProcessesGo() throws {
    let folder = NSTemporaryDirectory() + "ascend-scratch-test-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // No process can have the first number; the second is this one.
    let dead = "\(folder)/ascend-scratch-2147483646-A"
    let alive = "\(folder)/ascend-scratch-\(getpid())-B"
    for path in [dead, alive, folder + "/other"] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    Scratch.sweep(folder)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
        (alive as NSString).lastPathComponent, "other",
      ])
    let made = try Scratch.make()
    defer { try? FileManager.default.removeItem(atPath: made) }
    #expect((made as NSString).lastPathComponent.hasPrefix("ascend-scratch-\(getpid())-"))
  }
}
