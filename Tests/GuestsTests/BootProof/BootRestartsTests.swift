import Testing

@testable import Guests

@Suite("Restarts of a booting guest")
struct BootRestartsTests {
  @Test("a guest that works between its restarts is in no loop")
  func work() {
    var restarts = BootRestarts()
    for start in 1...6 {
      let (read, written) = (Int64(start) << 24, Int64(start) << 21)
      // BIOS resets the machine once or twice more on its own before it starts anew.
      for _ in 1...3 { restarts.note(read: read, written: written) }
      #expect(restarts.count == start && !restarts.isLoop)
    }
  }

  @Test(
    "one that writes hardly anything each time is, and so is one that never comes to an end",
    arguments: [
      (Int64(64 << 10), 3), (0, 3), (2 << 20, 10),
    ])
  func loops(written: Int64, count: Int) {
    var restarts = BootRestarts()
    while !restarts.isLoop, restarts.count < 20 {
      let start = Int64(restarts.count + 1)
      restarts.note(read: start * 512, written: start * written)
    }
    #expect(restarts.count == count)
  }
}
