import Foundation
import Synchronization
import Testing

@testable import Guests

private final class Counter: Sendable {
  private let counts = Mutex((inside: 0, most: 0, done: 0))

  func enter() {
    counts.withLock { counts in
      counts.inside += 1
      counts.most = max(counts.most, counts.inside)
    }
  }

  func leave() {
    counts.withLock { counts in
      counts.inside -= 1
      counts.done += 1
    }
  }

  var most: Int { counts.withLock { $0.most } }
  var done: Int { counts.withLock { $0.done } }
}

private final class Order: Sendable {
  private let entries = Mutex<[Int]>([])

  func add(_ entry: Int) { entries.withLock { $0.append(entry) } }

  var all: [Int] { entries.withLock { $0 } }
}

@Suite("Places for appliances")
struct ApplianceGateTests {
  @Test("never more at once than there are places, and everybody gets in")
  func limit() async {
    let gate = ApplianceGate(limit: 2)
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<12 {
        group.addTask {
          guard await gate.enter() else { return }
          counter.enter()
          try? await Task.sleep(for: .milliseconds(5))
          counter.leave()
          gate.leave()
        }
      }
    }
    #expect(counter.most == 2)
    #expect(counter.done == 12)
  }

  @Test("never more memory than there is, one too large runs alone, and nobody is overtaken")
  func memory() async {
    let gate = ApplianceGate(limit: 8, memoryMiB: 3000)
    #expect(await gate.enter(memoryMiB: 1000))
    #expect(await gate.enter(memoryMiB: 1000))
    let order = Order()
    let large = Task {
      guard await gate.enter(memoryMiB: 9000) else { return }
      order.add(9000)
      try? await Task.sleep(for: .milliseconds(20))
      gate.leave(memoryMiB: 9000)
    }
    try? await Task.sleep(for: .milliseconds(30))
    // It would fit, and comes after the large one all the same.
    let small = Task {
      guard await gate.enter(memoryMiB: 100) else { return }
      order.add(100)
      gate.leave(memoryMiB: 100)
    }
    try? await Task.sleep(for: .milliseconds(30))
    #expect(order.all == [])
    gate.leave(memoryMiB: 1000)
    gate.leave(memoryMiB: 1000)
    await large.value
    await small.value
    #expect(order.all == [9000, 100])
  }

  @Test("one that gives up lets those behind it in")
  func givingUp() async {
    let gate = ApplianceGate(limit: 8, memoryMiB: 2000)
    #expect(await gate.enter(memoryMiB: 1000))
    let large = Task { await gate.enter(memoryMiB: 1500) }
    try? await Task.sleep(for: .milliseconds(30))
    let small = Task { await gate.enter(memoryMiB: 100) }
    try? await Task.sleep(for: .milliseconds(30))
    large.cancel()
    #expect(await large.value == false)
    #expect(await small.value)
  }

  @Test("a cancelled wait ends and takes no place")
  func cancelled() async {
    let gate = ApplianceGate(limit: 1)
    #expect(await gate.enter())
    let waiting = Task { await gate.enter() }
    try? await Task.sleep(for: .milliseconds(30))
    waiting.cancel()
    #expect(await waiting.value == false)
    gate.leave()
    #expect(await gate.enter())
  }

  /// Two gates are as two processes: a lock belongs to the file that was opened, and not to the process.
  @Test("processes share the memory, and one that ends gives back what it held")
  func processes() async throws {
    let folder = try TemporaryFolder()
    func gate() -> ApplianceGate {
      let host = HostPlaces(folder: folder.url.path, memoryMiB: 4096)
      return ApplianceGate(limit: 4, memoryMiB: 4096, host: host, pause: .milliseconds(5))
    }
    let (one, two) = (gate(), gate())
    #expect(await one.enter(memoryMiB: 2048))
    let waiting = Task { await two.enter(memoryMiB: 2048) }
    try await Task.sleep(for: .milliseconds(60))
    // It holds nothing yet, and gives its turn back.
    waiting.cancel()
    #expect(await waiting.value == false)
    #expect(await two.enter(memoryMiB: 512))
    let next = Task { await gate().enter(memoryMiB: 2048) }
    try await Task.sleep(for: .milliseconds(30))
    one.leave(memoryMiB: 2048)
    #expect(await next.value)
    two.leave(memoryMiB: 512)

    let host = HostPlaces(folder: folder.url.path, memoryMiB: 4096)
    var held: HostPlaces.Answer? = host.take(memoryMiB: 1)
    guard case .full = host.take(memoryMiB: 1 << 20) else {
      Issue.record("a piece of all is in use")
      return
    }
    withExtendedLifetime(held) {}
    held = nil
    guard case .taken = host.take(memoryMiB: 1 << 20) else {
      Issue.record("one that needs more than there is gets all")
      return
    }
  }

  @Test("a process with many machines leaves the memory to another that has waited")
  func turns() async throws {
    let folder = try TemporaryFolder()
    func gate(_ pause: Duration) -> ApplianceGate {
      let host = HostPlaces(folder: folder.url.path, memoryMiB: 1024)
      return ApplianceGate(limit: 8, memoryMiB: 1024, host: host, pause: pause)
    }
    // Looks a hundred times as often.
    let many = gate(.milliseconds(1))
    let busy = Task {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            while !Task.isCancelled, await many.enter(memoryMiB: 1024) {
              try? await Task.sleep(for: .milliseconds(5))
              many.leave(memoryMiB: 1024)
            }
          }
        }
      }
    }
    try await Task.sleep(for: .milliseconds(50))
    let one = gate(.milliseconds(100))
    for _ in 0..<3 {
      #expect(await one.enter(memoryMiB: 1024))
      one.leave(memoryMiB: 1024)
    }
    busy.cancel()
    await busy.value
  }

  @Test("where nothing can be counted, each process counts for itself")
  func uncounted() async throws {
    let folder = try TemporaryFolder()
    let host = HostPlaces(folder: folder.url.path + "/none", memoryMiB: 1024)
    let gate = ApplianceGate(limit: 1, host: host)
    #expect(await gate.enter())
    gate.leave()
  }

  @Test(
    "disks are checked before anything starts",
    arguments: [
      GuestDisk(path: "relative.raw", format: "raw"), GuestDisk(path: "/disk", format: ""),
    ])
  func disks(disk: GuestDisk) async {
    await #expect(throws: (any Error).self) { try await GuestInspector().inspect([disk], drivers: []) }
    await #expect(throws: (any Error).self) { try await GuestInspector().inspect([], drivers: []) }
  }

  @Test("preparation does not take read-only disks, whose changes would be lost")
  func readOnly() async {
    await #expect(throws: (any Error).self) {
      try await GuestPreparer().prepare([GuestDisk(path: "/disk", format: "qcow2")], needs: []) { _ in }
    }
  }
}
