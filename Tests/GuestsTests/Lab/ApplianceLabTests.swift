import Foundation
import Logging
import Support
import Testing

@testable import Guests

@Suite("The appliance's life", .tags(.guest), .enabled(if: Lab.isThere, Lab.whyNot), .serialized)
struct ApplianceLabTests {
  private func files(in folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
  }

  @Test("cancelling ends it within seconds and leaves nothing", arguments: [1.0, 8.0])
  func cancelling(after seconds: Double) async throws {
    let folder = try TemporaryFolder()
    let disk = try Lab.disk("guest.raw")
    let options = ApplianceOptions(temporaryDirectory: folder.url.path)
    let work = Task { try await GuestInspector(appliance: options).inspect([disk], drivers: []) }
    try await Task.sleep(for: .seconds(seconds))
    let start = ContinuousClock.now
    work.cancel()
    let error = await #expect(throws: AscendError.self) { try await work.value }
    #expect(error?.code == "cancelled")
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(try files(in: folder) == [])
  }

  @Test("a start that takes too long is an error that says so")
  func launchLimit() async throws {
    let folder = try TemporaryFolder()
    let options = ApplianceOptions(launchLimit: .seconds(2), temporaryDirectory: folder.url.path)
    let disk = try Lab.disk("guest.raw")
    let error = await #expect(throws: AscendError.self) {
      try await GuestInspector(appliance: options).inspect([disk], drivers: [])
    }
    #expect(error?.code == "guest.timeLimit")
    #expect(try files(in: folder) == [])
  }

  @Test("an appliance that dies is an error that says so")
  func crash() async throws {
    let folder = try TemporaryFolder()
    let options = ApplianceOptions(temporaryDirectory: folder.url.path)
    let disk = try Lab.disk("guest.raw")
    let error = await #expect(throws: AscendError.self) {
      try await Appliance.with([disk], options: options, logger: .init(label: "test")) { guest throws(AscendError) in
        ApplianceProcess.kill(naming: folder.url.path)
        _ = try guest.disks()
        _ = try guest.filesystems()
      }
    }
    #expect(error?.code == "guest.applianceCrashed")
    #expect(try files(in: folder) == [])
  }

  @Test("a missing image is an error about that image")
  func missingImage() async throws {
    let disk = GuestDisk(path: "/nonexistent/disk.raw", format: "raw")
    let error = await #expect(throws: AscendError.self) { try await GuestInspector().inspect([disk], drivers: []) }
    #expect(error?.object == disk.path)
  }
}
