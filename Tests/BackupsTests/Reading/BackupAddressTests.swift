import Backups
import Support
import Testing

@Suite struct BackupAddressTests {
  @Test func pathsAndAddressesAreToldApart() throws {
    #expect(try BackupAddress.path("file:///tmp/a%20b") == "/tmp/a b")
    #expect(try BackupAddress.path("/tmp/../tmp/x") == "/tmp/x")
    for text in ["shelf://disk", "S3://b/k"] {
      let error = #expect(throws: AscendError.self) { try BackupAddress.path(text) }
      #expect(error?.code == "backup.unsupported")
      #expect(error?.remedy != nil)
    }
    #expect(BackupAddress.scheme("SHELF://disk") == "shelf")
    for text in ["file:///tmp/a", "/tmp/a", "disk.raw", "c:/x", "://x"] { #expect(BackupAddress.scheme(text) == nil) }
  }
}
