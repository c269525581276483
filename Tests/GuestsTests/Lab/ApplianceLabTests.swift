import ConnectorProtocol
import Foundation
import Logging
import Support
import Synchronization
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
    // Alone it takes a second; the guests of other tests share the processors.
    #expect(ContinuousClock.now - start < .seconds(30))
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

  @Test("cancelling a preparation ends it within seconds, though its disks lie elsewhere")
  func cancellingPreparation() async throws {
    let folder = try TemporaryFolder()
    let work = folder.url.appendingPathComponent("work")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    let overlay = try folder.overlay(of: "guest.raw")
    let options = ApplianceOptions(temporaryDirectory: work.path)
    let task = Task { try await GuestPreparer(appliance: options).prepare([overlay], needs: []) { _ in } }
    try await Task.sleep(for: .seconds(6))
    let start = ContinuousClock.now
    task.cancel()
    let error = await #expect(throws: AscendError.self) { try await task.value }
    #expect(error?.code == "cancelled")
    // Alone it takes a second; the guests of other tests share the processors.
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(try FileManager.default.contentsOfDirectory(atPath: work.path) == [])
    let processes = try Lab.run("ps", ["-eo", "args"])
    #expect(!processes.contains(overlay.path))
  }

  @Test(
    "an appliance that dies in the middle of a preparation is an error that says so, and the backup stays as it was")
  func crashInPreparation() async throws {
    let folder = try TemporaryFolder()
    let work = folder.url.appendingPathComponent("work")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    let backup = try Lab.image("guest.raw")
    let before = try Lab.run("sha256sum", [backup])
    let overlay = try folder.overlay(of: "guest.raw")
    let options = ApplianceOptions(temporaryDirectory: work.path)
    let need = DriverNeed(when: .init(family: "linux"), need: ["virtio_blk"], initramfs: true)
    let steps = Mutex(0)
    let error = await #expect(throws: AscendError.self) {
      try await GuestPreparer(appliance: options).prepare([overlay], needs: [need]) { _ in
        steps.withLock { $0 += 1 }
        // The third step is the first that writes.
        if steps.withLock({ $0 }) == 3 { ApplianceProcess.kill(naming: work.path) }
      }
    }
    #expect(steps.withLock { $0 } >= 3)
    #expect(error?.code == "guest.applianceCrashed")
    #expect(error?.remedy != nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: work.path) == [])
    #expect(try Lab.run("sha256sum", [backup]) == before)
  }

  @Test("a missing image is an error about that image")
  func missingImage() async throws {
    let disk = GuestDisk(path: "/nonexistent/disk.raw", format: "raw")
    let error = await #expect(throws: AscendError.self) { try await GuestInspector().inspect([disk], drivers: []) }
    #expect(error?.object == disk.path)
  }
}
