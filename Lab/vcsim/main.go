// Command vcsim runs govmomi's simulator of vCenter or of one ESXi host, for tests.
//
// The simulator discards what is uploaded into an import; here it is kept, so that a test can compare it with what was
// sent: each upload becomes FOLDER/<SHA-256 of the bytes>.vmdk once it is complete. Datastore folders keep their files
// without help.
//
//	vcsim -listen 127.0.0.1:0 -cert cert.pem -key key.pem -uploads FOLDER [-esx] [-user NAME -password WORD]
//
// It prints one line when it listens: the server's URL. It ends on SIGTERM, or when its standard input is closed and
// -stdin is given.
package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	_ "github.com/vmware/govmomi/lookup/simulator"
	"github.com/vmware/govmomi/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
)

type options struct {
	listen, cert, key, uploads, user, password string
	esx, stdin                                 bool
}

func main() {
	var given options
	flag.StringVar(&given.listen, "listen", "127.0.0.1:0", "address to listen on")
	flag.StringVar(&given.cert, "cert", "", "certificate, PEM")
	flag.StringVar(&given.key, "key", "", "its key, PEM")
	flag.StringVar(&given.uploads, "uploads", "", "folder that keeps what is uploaded into imports")
	flag.StringVar(&given.user, "user", "administrator@vsphere.local", "the one account")
	flag.StringVar(&given.password, "password", "secret-of-vcsim", "its password")
	flag.BoolVar(&given.esx, "esx", false, "one ESXi host instead of a vCenter")
	flag.BoolVar(&given.stdin, "stdin", false, "end when standard input ends")
	flag.Parse()
	if err := run(given); err != nil {
		log.Fatal(err)
	}
}

func run(given options) error {
	pair, err := tls.LoadX509KeyPair(given.cert, given.key)
	if err != nil {
		return err
	}
	model := simulator.VPX()
	model.Datastore = 2
	if given.esx {
		model = simulator.ESX()
	}
	if err := model.Create(); err != nil {
		return err
	}
	defer model.Remove()

	model.Service.RegisterEndpoints = true
	model.Service.Listen = &url.URL{Host: given.listen, User: url.UserPassword(given.user, given.password)}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	model.Service.ServeMux = http.NewServeMux()
	server := model.Service.NewServer()
	defer server.Close()
	server.Config.Handler = keeper{given.uploads, server.Config.Handler}
	fmt.Printf("https://%s\n", server.URL.Host)

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	if given.stdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop <- syscall.SIGTERM
		}()
	}
	<-stop
	return nil
}

// keeper copies uploads into imports to files on their way to the simulator.
type keeper struct {
	folder string
	next   http.Handler
}

func (k keeper) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	isUpload := strings.HasPrefix(request.URL.Path, "/nfc/") &&
		(request.Method == http.MethodPost || request.Method == http.MethodPut)
	if !isUpload || k.folder == "" {
		k.next.ServeHTTP(writer, request)
		return
	}
	file, err := os.CreateTemp(k.folder, "part-")
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	defer file.Close()
	sum := sha256.New()
	body := &wholeBody{Reader: io.TeeReader(request.Body, io.MultiWriter(file, sum))}
	request.Body = body
	k.next.ServeHTTP(writer, request)
	if !body.ended {
		_ = os.Remove(file.Name())
		return
	}
	name := hex.EncodeToString(sum.Sum(nil)) + ".vmdk"
	if err := os.Rename(file.Name(), filepath.Join(k.folder, name)); err != nil {
		log.Print(err)
	}
}

// wholeBody knows whether it was read to its end.
type wholeBody struct {
	io.Reader
	ended bool
}

func (b *wholeBody) Read(buffer []byte) (int, error) {
	count, err := b.Reader.Read(buffer)
	if err == io.EOF {
		b.ended = true
	}
	return count, err
}

func (b *wholeBody) Close() error { return nil }
