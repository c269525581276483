import Foundation
import Testing

@testable import Guests

@Suite("What counts as a change of a booting machine")
struct BootChangesTests {
  private let start = ContinuousClock.now

  private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  /// A place to log in: a picture with a clock of some points, `time` of them drawn.
  private func picture(
    _ time: Int, colour: [UInt8] = [120, 130, 140], size: (Int, Int) = (320, 240)
  ) throws -> ScreenPicture {
    var points = [UInt8](repeating: 0, count: 0)
    for point in 0..<size.0 * size.1 { points += point < time ? [255, 255, 255] : colour }
    return try #require(ScreenPicture(Data("P6\n\(size.0) \(size.1)\n255\n".utf8) + Data(points)))
  }

  @Test("a clock and writes to a disk do not unsettle a picture that is one for people")
  func steady() throws {
    var changes = BootChanges(at: start)
    for second in stride(from: 10, through: 70, by: 3) {
      changes.saw(try picture(second), waits: false, at: at(second))
      changes.wrote(at: at(second))
    }
    #expect(changes.steadySince == at(10))
    // For all else they are changes.
    #expect(changes.any == at(70) && changes.progress == at(70))
  }

  @Test("what moves on slowly is another picture in the end, and so is one of another size")
  func slow() throws {
    var changes = BootChanges(at: start)
    for second in 1...20 { changes.saw(try picture(second * 160), waits: false, at: at(second)) }
    #expect(changes.steadySince.map { $0 > at(10) } == true)
    changes.saw(try picture(3200, size: (640, 480)), waits: false, at: at(30))
    #expect(changes.steadySince == at(30))
  }

  @Test("black and blank screens, words and restarts unsettle it")
  func unsettled() throws {
    var changes = BootChanges(at: start)
    changes.saw(try picture(0), waits: false, at: at(1))
    changes.spoke(isNew: false, at: at(5))
    #expect(changes.steadySince == at(5) && changes.progress == at(1))
    changes.note(at: at(6))
    #expect(changes.steadySince == at(6))
    changes.saw(try picture(0, colour: [0, 0, 0]), waits: false, at: at(8))
    #expect(changes.steadySince == nil && changes.progress == at(8))
    changes.spoke(isNew: true, at: at(9))
    #expect(changes.steadySince == nil && changes.progress == at(9))
  }

  @Test("a cursor that blinks is no change, and neither is the clock of a guest that waits")
  func blinking() throws {
    var changes = BootChanges(at: start)
    for second in 1...6 { changes.saw(try picture(second % 2, colour: [0, 0, 0]), waits: false, at: at(second)) }
    #expect(changes.any == at(2))
    changes.saw(try picture(40, colour: [0, 0, 0]), waits: true, at: at(9))
    #expect(changes.any == at(2) && changes.progress == at(2))
  }

  @Test("lines that say the same with other numbers are not new")
  func words() {
    var transcript = SerialTranscript()
    transcript.feed(Data("[    1.5] usb 1-1: device not accepting address 5, error -71\r\n".utf8))
    #expect(transcript.newLines == 1)
    transcript.feed(Data("[    9.7] usb 1-2: device not accepting address 17, error -71\r\nworking\r\n".utf8))
    #expect(transcript.newLines == 2)
    for _ in 1...1000 { transcript.feed(Data("working\r\n".utf8)) }
    #expect(transcript.newLines == 2)
  }
}
