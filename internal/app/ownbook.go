package app

import (
	"bytes"
	"context"
	"errors"

	"calltray/internal/contacts"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui"
)

// ownBook gives the window access to the user's own contacts.
func (a *App) ownBook() *ui.OwnBook {
	return &ui.OwnBook{List: a.listOwn, Save: a.saveOwn, Delete: a.deleteOwn, Export: a.exportOwn}
}

func (a *App) listOwn(ctx context.Context, words string) ([]ui.OwnContact, error) {
	found, err := a.book.Find(ctx, words, mostFound) // the user's own come first
	if err != nil {
		return nil, unreadableContacts(err)
	}
	var list []ui.OwnContact
	for _, c := range found {
		if c.Source != contacts.Own {
			break
		}
		own := ui.OwnContact{ID: c.ID, Name: c.Name, Company: c.Company, Note: c.Note}
		for _, n := range c.Numbers {
			own.Numbers = append(own.Numbers, ui.OwnNumber(n))
		}
		list = append(list, own)
	}
	return list, nil
}

func (a *App) saveOwn(ctx context.Context, own ui.OwnContact) error {
	c := contacts.Contact{ID: own.ID, Source: contacts.Own, Name: own.Name, Company: own.Company, Note: own.Note}
	for _, n := range own.Numbers {
		if _, err := dialplan.Dialable(n.Number); err != nil {
			return err // nothing that was typed is silently dropped
		}
		c.Numbers = append(c.Numbers, contacts.Number(n))
	}
	_, err := a.book.Save(ctx, c)
	if errors.Is(err, contacts.ErrIncomplete) {
		return text.Errorf("contact-incomplete", "A contact needs a name or a company, and a number: type both.")
	}
	return a.ownChanged(err)
}

func (a *App) deleteOwn(ctx context.Context, id int64) error {
	return a.ownChanged(a.book.Delete(ctx, id))
}

// ownChanged updates everything that shows names.
func (a *App) ownChanged(err error) error {
	if err != nil {
		return unreadableContacts(err)
	}
	a.people.anew()
	a.known()
	return nil
}

// exportOwn writes the user's own contacts to a new file in the downloads folder.
func (a *App) exportOwn(ctx context.Context) (string, error) {
	list, err := a.book.Of(ctx, contacts.Own)
	if err != nil {
		return "", unreadableContacts(err)
	}
	var cards bytes.Buffer
	if err := contacts.WriteVCards(&cards, list); err != nil {
		return "", err
	}
	return writeExport(".vcf", cards.Bytes())
}
