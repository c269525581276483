import Testing

@testable import Connectors

@Suite struct ProcessEnvironmentTests {
  @Test func passesOnlyWhatIsAllowed() {
    let environment = ProcessEnvironment.filtered([
      "PATH": "/bin", "HOME": "/root", "AWS_SECRET_ACCESS_KEY": "x", "HTTPS_PROXY": "http://p", "no_proxy": "localhost",
      "LD_PRELOAD": "/evil.so", "SSL_CERT_FILE": "/ca.pem", "TZ": "UTC",
    ])
    #expect(
      environment == [
        "PATH": "/bin", "HTTPS_PROXY": "http://p", "no_proxy": "localhost", "SSL_CERT_FILE": "/ca.pem", "TZ": "UTC",
        "ASCEND_CONNECTOR": "1",
      ])
  }

  @Test func alwaysHasAPath() {
    #expect(ProcessEnvironment.filtered([:])["PATH"]?.contains("/usr/bin") == true)
  }
}
