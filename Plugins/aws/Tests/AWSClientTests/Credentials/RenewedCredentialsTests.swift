import Foundation
import Synchronization
import Testing

@testable import AWSClient

@Suite struct RenewedCredentialsTests {
  /// A clock and a source that the test moves.
  private final class World: Sendable {
    struct State {
      var now = Date(timeIntervalSince1970: 1_800_000_000)
      var fetched = 0
      var life: TimeInterval = 3600
      var fails = false
    }
    let state = Mutex(State())

    func source() -> RenewedCredentials {
      RenewedCredentials(
        now: { self.state.withLock { $0.now } },
        fetch: { () async throws(AWSError) in
          try? await Task.sleep(for: .milliseconds(20))
          let made = self.state.withLock { state -> AWSCredentials? in
            state.fetched += 1
            guard !state.fails else { return nil }
            return AWSCredentials(
              accessKeyId: "K\(state.fetched)", secretAccessKey: "s", sessionToken: "t",
              expiresAt: state.now.addingTimeInterval(state.life))
          }
          guard let made else { throw .credentials("test", "none") }
          return made
        })
    }

    func pass(_ seconds: TimeInterval) { state.withLock { $0.now += seconds } }
    var fetched: Int { state.withLock { $0.fetched } }
  }

  @Test func manyAskOnce() async throws {
    let world = World()
    let source = world.source()
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<50 { group.addTask { try await source.credentials().accessKeyId } }
      for try await id in group { #expect(id == "K1") }
    }
    #expect(world.fetched == 1)
  }

  @Test func keysAreRenewedBeforeTheyExpire() async throws {
    let world = World()
    let source = world.source()
    #expect(try await source.credentials().accessKeyId == "K1")
    world.pass(2900)
    #expect(try await source.credentials().accessKeyId == "K1")
    world.pass(200)
    #expect(try await source.credentials().accessKeyId == "K2")
  }

  @Test func keysThatHoldAreUsedWhereNoOthersCanBeHad() async throws {
    let world = World()
    let source = world.source()
    _ = try await source.credentials()
    world.state.withLock { $0.fails = true }
    world.pass(3100)
    #expect(try await source.credentials().accessKeyId == "K1")
    #expect(try await source.credentials().accessKeyId == "K1")
    // Not asked again at once.
    #expect(world.fetched == 2)
    world.pass(600)
    await #expect(throws: AWSError.self) { try await source.credentials() }
  }

  @Test func rejectedKeysAreReplaced() async throws {
    let source = World().source()
    let first = try await source.credentials()
    await source.rejected(first)
    let second = try await source.credentials()
    #expect(second != first)
    // Those were replaced already.
    await source.rejected(first)
    #expect(try await source.credentials() == second)
  }
}
