import Testing

@testable import Guests

/// The verdict on a machine that says nothing itself.
@Suite("What is seen of a booting machine from outside")
struct BootSceneTests {
  /// A lock screen on a machine with a network.
  private let up = BootScene(screen: .ordinary, written: [0, 3 << 20], hasNetwork: true, sentPackets: true)

  private func changed(_ edit: (inout BootScene) -> Void) -> BootScene {
    var scene = up
    edit(&scene)
    return scene
  }

  private func over(
    _ scene: BootScene, steadyFor: Duration? = nil, goesOn: Bool = true, isEmulated: Bool = false
  ) -> BootOutcome {
    scene.timeOver(.seconds(300), steadyFor: steadyFor, goesOn: goesOn, isEmulated: isEmulated)
  }

  @Test("a picture in which only details change proves a guest that used disk and network")
  func steady() throws {
    let outcome = try #require(up.steady(.seconds(60)))
    #expect(outcome.verdict == .proven && outcome.ending == .stillScreen)
    #expect(outcome.reason.hasPrefix("it wrote 3") && outcome.reason.contains("spoke on its network"))
    for scene in [
      changed { $0.written = [200 << 10] }, changed { $0.sentPackets = false }, changed { $0.guestSpoke = true },
      changed { $0.screen = .dark }, changed { $0.screen = .stopped }, changed { $0.screen = nil },
      changed { $0.waitsFor = "A start job is running for /dev/sda" },
    ] {
      #expect(scene.steady(.seconds(60)) == nil)
    }
  }

  @Test("without a network here the picture is enough, unless it has the colour of an offer to repair")
  func withoutNetwork() {
    let scene = changed { ($0.hasNetwork, $0.sentPackets) = (false, false) }
    #expect(scene.standstill(.seconds(60)).verdict == .proven)
    var blue = scene
    blue.isOnBlue = true
    let outcome = blue.standstill(.seconds(60))
    #expect(outcome.verdict == .notProvable && outcome.reason.contains("only people can read"))
    #expect(changed { $0.isOnBlue = true }.standstill(.seconds(60)).verdict == .proven)
  }

  @Test("where it sent nothing, only people can tell from its screen whether it is up")
  func silent() {
    let scene = changed { $0.sentPackets = false }
    for outcome in [scene.standstill(.seconds(60)), over(scene, steadyFor: .seconds(200))] {
      #expect(outcome.verdict == .notProvable)
      #expect(outcome.reason.contains("sent nothing on its network"))
    }
  }

  @Test("at the end of the time, a guest that runs has not failed")
  func timeOver() {
    #expect(over(up, steadyFor: .seconds(20)).verdict == .proven)
    for scene in [
      up, changed { $0.guestSpoke = true }, changed { $0.screen = .dark },
      changed { ($0.screen, $0.sentPackets) = (.dark, false) },
    ] {
      let outcome = over(scene, steadyFor: .seconds(3))
      #expect(outcome.verdict == .notProvable && outcome.ending == .timeLimit, "\(outcome.reason)")
    }
    for scene in [
      changed { $0.written = [0] }, changed { $0.screen = .blank }, changed { $0.screen = .stopped },
      changed { ($0.screen, $0.guestSpoke) = (.dark, true) },
    ] {
      let outcome = over(scene, steadyFor: .seconds(3))
      #expect(outcome.verdict == .failed && outcome.ending == .timeLimit, "\(outcome.reason)")
    }
  }

  @Test("an emulated boot that still goes on is late, not broken")
  func emulated() {
    let scene = BootScene(screen: .dark, written: [8192], guestSpoke: true, lastWords: "Starting udev")
    #expect(over(scene, isEmulated: true).verdict == .notProvable)
    #expect(over(scene, isEmulated: true).reason.contains("Starting udev"))
    #expect(over(scene, goesOn: false, isEmulated: true).verdict == .failed)
    #expect(over(scene).verdict == .failed)
  }

  @Test("what came long before the end is no going on, be both limits the same")
  func lately() {
    #expect(BootLimits(total: .seconds(12), still: .seconds(12)).lately == .milliseconds(2400))
    #expect(BootLimits.fitting(accelerated: false).lately == .seconds(180))
    #expect(BootLimits(total: .seconds(900), still: .seconds(60)).lately == .seconds(60))
  }

  @Test("a guest that stands still is judged by what it said, wrote and shows")
  func standstill() {
    let none = BootScene(screen: .blank, written: [0])
    let cases: [(BootScene, BootProof.Verdict, BootProof.Ending)] = [
      (none, .failed, .standstill),
      (changed { $0.screen = .stopped }, .failed, .panic),
      (changed { ($0.waitsFor, $0.written) = ("for a disk", [0]) }, .failed, .noRootDisk),
      (changed { $0.waitsFor = "for a service" }, .failed, .standstill),
      (changed { $0.screen = .dark }, .proven, .stillScreen),
      (changed { ($0.screen, $0.sentPackets) = (.dark, false) }, .notProvable, .standstill),
      (changed { ($0.screen, $0.guestSpoke) = (.dark, true) }, .failed, .standstill),
      // A graphical place to log in, after a boot loader or a kernel that spoke.
      (changed { $0.guestSpoke = true }, .notProvable, .standstill),
      (changed { ($0.screen, $0.written) = (.blank, [4096]) }, .notProvable, .standstill),
    ]
    for (scene, verdict, ending) in cases {
      let outcome = scene.standstill(.seconds(60))
      #expect(outcome.verdict == verdict && outcome.ending == ending, "\(outcome.reason)")
    }
  }
}
